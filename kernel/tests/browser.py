"""The notebook in JupyterLab and in Jupyter Notebook, driven in a headless browser.

Run by .ci/browser. Everything that a person does first: open, run all, look at the pictures, watch a training and interrupt it,
complete a name, look at what it is, restart; explore a map and take points of it back to Rust. Leaves screenshots in target/browser; any check that fails ends the script.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import expect, sync_playwright

GENOLENS = os.environ["GENOLENS"]
NOTEBOOK = pathlib.Path(os.environ["NOTEBOOK"])
PICTURES = pathlib.Path(os.environ["PICTURES"])
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
# Enough for a slow machine: nothing here measures speed.
PATIENCE = int(os.environ.get("PATIENCE", 120)) * 1000

# What JupyterLab shows on red ground: errors and standard error.
ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'], .jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"

# The curve of a training, as text.
CURVE = "e => e.querySelector('img')?.src ?? e.querySelector('svg')?.outerHTML ?? ''"

expect.set_options(timeout=PATIENCE)

WORKBENCH = [
    "use genolens::*;\nlet data = simulate::motifs(3_000, random::Seed::new(1))?;\nlet kept = 42;",
    "let model = training::Fit::new().epochs(2_000).patience(2_000).run(&network::deepbind(16), &data.sequences(), data.labels())?;",
    "kept",
    "data.",
]

# A grid of 20 by 20 points, left and right in different colours; then the same, twice as large.
ATLAS = [
    """use genolens::{display, embedding::Map, ndarray::Array2};
let points = Array2::from_shape_fn((400, 2), |(i, axis)| [i % 20, i / 20][axis] as f32);
let sides: Vec<&str> = (0..400).map(|i| if i % 20 < 10 { "left" } else { "right" }).collect();
let map = Map::new(points.clone(), "UMAP")?;
let large = Map::new(2.0 * points, "UMAP")?;
map.scatter().labels("side", &sides).save("map.html")?;
display::show(&map.scatter().labels("side", &sides));
display::show(&large);""",
    'println!("{:?} {:?}", map.selection()?.indices(), large.selection());',
]


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as play:
        home = pathlib.Path(home)
        shutil.copy(NOTEBOOK, home / "quickstart.ipynb")
        (home / "workbench.ipynb").write_text(json.dumps(notebook(WORKBENCH)))
        (home / "atlas.ipynb").write_text(json.dumps(notebook(ATLAS)))
        settings(home)
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        with server([GENOLENS, "lab", "quickstart.ipynb", "--"], home) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 960})
            lab_runs_all(page, address)
            lab_works(page, address)
            lab_explores(page, address)
        with server([sys.executable, "-m", "notebook"], home) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 960})
            notebook_runs_all(page, address)
            notebook_explores(page, address)
        page = browser.new_page(viewport={"width": 1280, "height": 960})
        saved_page_explores(page, home / "map.html")
        browser.close()


def notebook(sources):
    cells = [
        {"cell_type": "code", "id": f"cell-{place}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for place, source in enumerate(sources)
    ]
    kernel = {"name": "genolens", "display_name": "Rust (genolens)", "language": "rust"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def settings(home):
    """No questions about news, and every cell in the page, so that every picture can be looked at."""
    wanted = {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, content in wanted.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))


@contextlib.contextmanager
def server(command, home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--IdentityProvider.token=", "--ServerApp.root_dir=" + str(home)]
    environment = dict(
        os.environ, JUPYTER_CONFIG_DIR=str(home / "config"), JUPYTERLAB_SETTINGS_DIR=str(home / "settings"),
        JUPYTERLAB_WORKSPACES_DIR=str(home / "workspaces"),
    )
    address = f"http://127.0.0.1:{port}"
    with open(PICTURES / f"{pathlib.Path(command[0]).name}.log", "w") as log:
        process = subprocess.Popen(command + options, cwd=home, env=environment, stdout=log, stderr=log)
        try:
            end = time.monotonic() + PATIENCE / 1000
            while True:
                try:
                    urllib.request.urlopen(address + "/api", timeout=2)
                    break
                except OSError:
                    assert process.poll() is None and time.monotonic() < end, f"no server: see {log.name}"
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def code_cells(page):
    return page.locator(".jp-Notebook:visible .jp-CodeCell")


def ready(page):
    """The kernel has started and rests."""
    expect(page.locator(".jp-KernelName:visible, .jp-Toolbar-kernelName:visible").first).to_contain_text("Rust")
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']:visible")).to_be_visible()
    page.wait_for_timeout(500)


def prompt(cell):
    return cell.locator(".jp-InputArea-prompt")


def settled(page, count):
    """Wait until every cell with code has its number and the kernel rests."""
    page.wait_for_function(
        """count => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].map(p => p.textContent);
            return prompts.length >= count && prompts.every(p => /\\[\\d+\\]/.test(p));
        }""",
        arg=count,
        timeout=PATIENCE,
    )


def pictures_seen(page, at_least):
    """Every picture in the outputs has arrived and has a size; none is broken. The one inside of a map gives way to a canvas."""
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output img')].map(
            i => [i.complete, i.naturalWidth, i.closest('[data-ready]')?.querySelector('canvas').clientWidth ?? i.clientWidth])"""
    )
    drawn = page.locator(".jp-OutputArea-output svg").count()
    assert all(complete and natural > 50 and wide > 50 for complete, natural, wide in sizes), sizes
    assert len(sizes) + drawn >= at_least, f"{len(sizes)} pictures and {drawn} drawings, expected {at_least}"
    return len(sizes) + drawn


def no_errors(page):
    wrong = page.locator(ERROR)
    assert wrong.count() == 0, wrong.first.inner_text()


def shoot(page, name):
    page.screenshot(path=PICTURES / f"{name}.png")


def shoot_outputs(page, name):
    """One screenshot for each cell that shows something, to be looked at."""
    size = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": 1800})
    cells = code_cells(page)
    for place in range(cells.count()):
        cell = cells.nth(place)
        if cell.locator(".jp-OutputArea-output").count():
            cell.scroll_into_view_if_needed()
            cell.screenshot(path=PICTURES / f"{name}_{place + 1:02}.png")
    page.set_viewport_size(size)


def menu(page, name, entry):
    page.locator(".lm-MenuBar-item", has_text=name).first.click()
    page.locator(".lm-Menu-item:visible", has_text=entry).first.click()


def source_cells():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    return sum(cell["cell_type"] == "code" for cell in cells)


def lab_runs_all(page, address):
    page.goto(f"{address}/lab/tree/quickstart.ipynb?reset")
    expect(code_cells(page).first).to_be_visible()
    ready(page)
    shoot(page, "lab_open")
    menu(page, "Run", "Run All Cells")
    settled(page, source_cells())
    no_errors(page)
    count = pictures_seen(page, 9)
    shoot_outputs(page, "lab_cell")
    page.keyboard.press("Control+s")
    say(f"JupyterLab runs all: {count} pictures")


def lab_works(page, address):
    page.goto(f"{address}/lab/tree/workbench.ipynb?reset")
    cells = code_cells(page)
    expect(cells).to_have_count(len(WORKBENCH))
    ready(page)
    run(page, 0)
    settled_at(page, 0)
    no_errors(page)
    watched_and_interrupted(page)
    completed(page)
    inspected(page)
    restarted(page)


def run(page, place):
    cell = code_cells(page).nth(place)
    cell.locator(".jp-InputArea-prompt").click()
    page.keyboard.press("Control+Enter")


def settled_at(page, place):
    expect(prompt(code_cells(page).nth(place))).to_have_text(re.compile(r"\[\d+\]"))


def watched_and_interrupted(page):
    cell = code_cells(page).nth(1)
    run(page, 1)
    shown = cell.locator(".jp-OutputArea-output").first
    expect(shown.locator("img, svg").first).to_be_visible()
    seen = set()
    end = time.monotonic() + 30
    while len(seen) < 4 and time.monotonic() < end:
        seen.add((shown.inner_text(), shown.evaluate(CURVE)))
        time.sleep(0.15)
    texts, curves = map(set, zip(*seen))
    assert len(texts) > 2, f"the bar stands still: {texts}"
    assert len(curves) > 2, "the curve stands still"
    shoot(page, "lab_training")
    begun = time.monotonic()
    menu(page, "Kernel", "Interrupt Kernel")
    settled_at(page, 1)
    took = time.monotonic() - begun
    error = cell.locator(ERROR)
    expect(error).to_contain_text("interrupted: fit stopped")
    shoot(page, "lab_interrupted")
    run(page, 2)
    expect(code_cells(page).nth(2).locator(".jp-OutputArea-output")).to_have_text("42")
    say(f"JupyterLab shows a live bar and a curve that grows, interrupts in {took:.1f} s and keeps the variables")


def typed(page, place, text):
    editor = code_cells(page).nth(place).locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text, delay=10)
    # JupyterLab notes a moment later that Tab would now complete, as people press it.
    page.wait_for_timeout(500)


def completed(page):
    """A method by the type of a variable, and a function of the library by its path."""
    box = page.locator(".jp-Completer:visible")
    editor = code_cells(page).nth(3).locator(".cm-content")
    typed(page, 3, "data.")
    page.keyboard.press("Tab")
    expect(box).to_contain_text("sequences")
    expect(box).to_contain_text("labels")
    shoot(page, "lab_completion")
    page.keyboard.press("Escape")
    for begun, whole in [("attribution::satur", "attribution::saturation_mutagenesis"), ("kep", "kept")]:
        typed(page, 3, begun)
        page.keyboard.press("Tab")
        expect(box).to_contain_text(whole.rsplit("::")[-1])
        page.keyboard.press("Enter")
        expect(editor).to_have_text(whole)
    say("JupyterLab completes a name with Tab")


def inspected(page):
    box = page.locator(".jp-Tooltip:visible")
    typed(page, 3, "data")
    page.keyboard.press("Shift+Tab")
    expect(box).to_contain_text("Simulated")
    page.keyboard.press("Escape")
    typed(page, 3, "attribution::saliency")
    page.keyboard.press("Shift+Tab")
    expect(box).to_contain_text("fn saliency")
    shoot(page, "lab_inspection")
    page.keyboard.press("Escape")
    say("JupyterLab shows what a name is with Shift-Tab")


def restarted(page):
    menu(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    ready(page)
    run(page, 2)
    error = code_cells(page).nth(2).locator(ERROR)
    expect(error).to_contain_text("kept")
    shoot(page, "lab_restarted")
    run(page, 0)
    settled_at(page, 0)
    run(page, 2)
    expect(code_cells(page).nth(2).locator(".jp-OutputArea-output")).to_have_text("42")
    say("JupyterLab restarts the kernel, which forgets everything and works again")


class Chart:
    """One map of the page; `side` is how far its points reach along both axes, counted from 0."""

    def __init__(self, page, place, side):
        self.page, self.side = page, side
        self.root = page.locator("[data-genolens-map][data-ready]").nth(place)
        self.canvas = self.root.locator("canvas").first
        self.readout = self.root.locator("[data-readout]")
        self.status = self.root.locator("[role=status]")
        self.field = self.root.locator("input")
        expect(self.canvas).to_be_visible()
        self.canvas.scroll_into_view_if_needed()

    def at(self, x, y):
        """The pixel of a place; axes are a twentieth longer than the points at both ends."""
        box = self.canvas.bounding_box()
        share = lambda value: (value / self.side + 0.05) / 1.1
        return box["x"] + share(x) * box["width"], box["y"] + (1 - share(y)) * box["height"]

    def picture(self):
        self.page.wait_for_timeout(150)
        return self.canvas.evaluate("canvas => canvas.toDataURL()")

    def away(self):
        self.page.mouse.move(1, 1)

    def drag(self, *way, shift=False):
        pixels = [self.at(*place) for place in way]
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.move(*pixels[0])
        self.page.mouse.down()
        for pixel in pixels[1:]:
            self.page.mouse.move(*pixel, steps=4)
        self.page.mouse.up()
        if shift:
            self.page.keyboard.up("Shift")

    def lasso(self, low, high):
        self.drag((low, low), (high, low), (high, high), (low, high), (low, low), shift=True)


def explored(chart):
    """Pan, zoom, hover and the legend; afterwards all is as before."""
    page, points = chart.page, chart.readout
    chart.away()
    whole = chart.picture()
    chart.drag((10, 10), (13, 8))
    chart.away()
    moved = chart.picture()
    assert moved != whole, "the map does not move"
    chart.root.get_by_role("button", name="Show everything").click()
    chart.away()
    assert chart.picture() == whole, "not all is shown again"
    page.mouse.click(*chart.at(5, 15))
    page.mouse.wheel(0, -300)
    chart.away()
    assert chart.picture() not in (whole, moved), "the wheel does not zoom"
    chart.root.get_by_role("button", name="Show everything").click()
    page.mouse.move(*chart.at(5, 15))
    expect(points).to_have_text("point 305, left")
    page.mouse.move(*chart.at(5.5, 15.5))
    expect(points).to_have_text("")
    left = chart.root.get_by_role("button", name="left", exact=True)
    left.click()
    expect(left).to_have_attribute("aria-pressed", "false")
    page.mouse.move(*chart.at(5, 15))
    expect(points).to_have_text("")
    page.mouse.move(*chart.at(15, 15))
    expect(points).to_have_text("point 315, right")
    left.click()
    chart.away()
    assert chart.picture() == whole, "a legend that was clicked twice leaves traces"


def lassoed(page, name):
    """What is drawn on two maps is there in the next cell, also when it is drawn again and taken off."""
    chart, large = Chart(page, 0, 19), Chart(page, 1, 38)
    told = code_cells(page).nth(1).locator(".jp-OutputArea-output").last

    def tells(words):
        run(page, 1)
        expect(told).to_contain_text(words)
        settled_at(page, 1)

    chart.canvas.scroll_into_view_if_needed()
    chart.lasso(3.5, 5.5)
    expect(chart.status).to_have_text("4 of 400 points sent to the kernel; in the next cell:")
    expect(chart.field).to_have_value("map.selection()?")
    shoot(page, name)
    tells("[84, 85, 104, 105] Err(cannot read the selection: nothing has come")
    large.canvas.scroll_into_view_if_needed()
    large.lasso(-1, 3)
    expect(large.status).to_contain_text("4 of 400 points sent")
    tells("[84, 85, 104, 105] Ok(Selection(4 of 400 points selected))")
    chart.canvas.scroll_into_view_if_needed()
    chart.lasso(6.5, 7.5)
    expect(chart.status).to_contain_text("1 of 400 points sent")
    tells("[147] Ok(")
    chart.canvas.scroll_into_view_if_needed()
    chart.root.get_by_role("button", name="Select nothing").click()
    page.wait_for_timeout(500)
    tells("[] Ok(")


def lab_explores(page, address):
    page.goto(f"{address}/lab/tree/atlas.ipynb?reset")
    expect(code_cells(page)).to_have_count(len(ATLAS))
    ready(page)
    run(page, 0)
    settled_at(page, 0)
    no_errors(page)
    explored(Chart(page, 0, 19))
    lassoed(page, "lab_lasso")
    say("JupyterLab: a map moves, zooms, tells and hides its points; the lasso reaches the next cell")
    # A stranger's kernel, or none, hears nothing.
    menu(page, "Kernel", "Shut Down Kernel")
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']:visible")).to_have_count(0)
    chart = Chart(page, 0, 19)
    chart.lasso(3.5, 5.5)
    expect(chart.status).to_contain_text("4 of 400 points; no way back to Rust from this page, so paste this:")
    expect(chart.field).to_have_value(re.compile(r"map\.inside\(&\[\("))


def notebook_explores(page, address):
    page.goto(f"{address}/notebooks/atlas.ipynb")
    expect(code_cells(page)).to_have_count(len(ATLAS))
    ready(page)
    menu(page, "Edit", "Clear Outputs of All Cells")
    run(page, 0)
    settled_at(page, 0)
    lassoed(page, "notebook_lasso")
    say("Notebook: the lasso reaches the next cell")


def saved_page_explores(page, file):
    page.goto(file.as_uri())
    chart = Chart(page, 0, 19)
    explored(chart)
    chart.lasso(3.5, 5.5)
    expect(chart.status).to_have_text("4 of 400 points; no way back to Rust from this page, so paste this:")
    expect(chart.field).to_have_value(re.compile(r"map\.inside\(&\[\(3\.5"))
    shoot(page, "page_lasso")
    say("A saved page: the same map, and its lasso writes what to paste")


def notebook_runs_all(page, address):
    page.goto(f"{address}/notebooks/quickstart.ipynb")
    expect(code_cells(page).first).to_be_visible()
    ready(page)
    menu(page, "Edit", "Clear Outputs of All Cells")
    menu(page, "Run", "Run All Cells")
    settled(page, source_cells())
    no_errors(page)
    count = pictures_seen(page, 9)
    shoot(page, "notebook_run")
    say(f"Notebook runs all: {count} pictures")


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
