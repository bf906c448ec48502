"""Writes designs.tsv: what Ledidi 2.2 designs with its defaults.

pip install torch==2.15.0 ledidi==2.2.0
python designs.py

The model is one filter of ones at the letters of TGACTCA and minus ones elsewhere, rectified, its strongest match, less 5.5; it gives 1.5 for the
word, and 2 less for every letter that is wrong. The goal is 1.5. Each row has a sequence, the output before, and the mean output and the mean number of edits
of the sequences that Ledidi gives back. Sequences come from a congruential generator, so that nothing else chooses them.
"""
import csv

import torch
from ledidi.ledidi import ledidi

WORD = "TGACTCA"


class LooksFor(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.filter = torch.full((1, 4, len(WORD)), -1.0)
        for place, letter in enumerate(WORD):
            self.filter[0, "ACGT".index(letter), place] = 1.0

    def forward(self, x):
        return torch.relu(torch.nn.functional.conv1d(x, self.filter)).amax(2) - 5.5


state, texts = 1, []
for _ in range(12):
    text = ""
    for _ in range(50):
        state = (1103515245 * state + 12345) % 2**31
        text += "ACGT"[state >> 20 & 3]
    texts.append(text)

model = LooksFor()
with open("designs.tsv", "w") as file:
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    for text in texts:
        letters = torch.tensor(["ACGT".index(letter) for letter in text])
        x = torch.nn.functional.one_hot(letters, 4).T[None].float()
        found = ledidi(model, x, torch.tensor([[1.5]]), device="cpu", verbose=False, random_state=0)
        edits = (found != x).any(1).sum(1).float().mean()
        row = [model(x).item(), model(found).mean().item(), edits.item()]
        writer.writerow(["design", text, *(f"{number:.6g}" for number in row)])
