// A plain scorer for the published DeepBind models, written from their semantics; the peer of `deepbind scoring`.
//
// Reads a line per piece of work and scores 1000 sequences of 101 letters on both strands; answers with milliseconds, or with the sum of the scores
// when the line is `sum`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int both, detectors, width, average, hidden;
static float *filters, *thresholds, *weights1, *biases1, *weights2, *biases2;

static float *list(const char *text, int count) {
    float *values = malloc(sizeof(float) * count);
    char *end = (char *)text;
    for (int i = 0; i < count; i++) {
        values[i] = strtof(end, &end);
        if (*end == ',') end++;
    }
    return values;
}

static void load(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) exit(1);
    static char line[1 << 20];
    while (fgets(line, sizeof line, file)) {
        char *text = strchr(line, '=');
        if (line[0] == '#' || !text) continue;
        text++;
        int outputs = hidden ? hidden : 1;
        if (!strncmp(line, "reverse_complement", 18)) both = atoi(text);
        else if (!strncmp(line, "num_detectors", 13)) detectors = atoi(text);
        else if (!strncmp(line, "detector_len", 12)) width = atoi(text);
        else if (!strncmp(line, "has_avg_pooling", 15)) average = atoi(text);
        else if (!strncmp(line, "num_hidden", 10)) hidden = atoi(text);
        else if (!strncmp(line, "detectors", 9)) filters = list(text, detectors * width * 4);
        else if (!strncmp(line, "thresholds", 10)) thresholds = list(text, detectors);
        else if (!strncmp(line, "weights1", 8)) weights1 = list(text, detectors * (1 + average) * outputs);
        else if (!strncmp(line, "biases1", 7)) biases1 = list(text, outputs);
        else if (!strncmp(line, "weights2", 8)) weights2 = list(text, hidden);
        else if (!strncmp(line, "biases2", 7)) biases2 = list(text, 1);
    }
    fclose(file);
}

// Letters are 0 to 3, or 4 for one that is not known.
static float window_score(const unsigned char *letters, int length) {
    int positions = length + width - 1, features = 0;
    float pooled[256];
    for (int k = 0; k < detectors; k++) {
        float best = 0, sum = 0;
        for (int p = 0; p < positions; p++) {
            float value = thresholds[k];
            for (int j = 0; j < width; j++) {
                int at = p - (width - 1) + j;
                int letter = at < 0 || at >= length ? 4 : letters[at];
                const float *four = filters + k + detectors * 4 * j;
                if (letter < 4) value += four[detectors * letter];
                else
                    value += 0.25f * (four[0] + four[detectors] + four[2 * detectors] + four[3 * detectors]);
            }
            if (value > 0) sum += value;
            if (value > best) best = value;
        }
        pooled[features++] = best;
        if (average) pooled[features++] = sum / positions;
    }
    int outputs = hidden ? hidden : 1;
    float score = hidden ? biases2[0] : 0;
    for (int j = 0; j < outputs; j++) {
        float value = biases1[j];
        for (int i = 0; i < features; i++) value += pooled[i] * weights1[i * outputs + j];
        if (!hidden) return value;
        if (value > 0) score += value * weights2[j];
    }
    return score;
}

static float strand_score(const unsigned char *letters, int length) {
    int window = width * 3 / 2;
    if (window > length) window = length;
    float best = window_score(letters, window);
    for (int start = 1; start + window <= length; start++) {
        float score = window_score(letters + start, window);
        if (score > best) best = score;
    }
    return best;
}

int main(int count, char **arguments) {
    if (count < 2) return 1;
    load(arguments[1]);
    enum { N = 1000, LENGTH = 101 };
    static unsigned char letters[N][LENGTH];
    unsigned state = 1;
    for (int i = 0; i < N; i++)
        for (int p = 0; p < LENGTH; p++) {
            state = state * 1664525u + 1013904223u;
            letters[i][p] = state >> 30;
        }
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        double sum = 0;
        for (int i = 0; i < N; i++) {
            float score = strand_score(letters[i], LENGTH);
            if (both) {
                unsigned char other[LENGTH];
                for (int p = 0; p < LENGTH; p++) other[p] = 3 - letters[i][LENGTH - 1 - p];
                float reverse = strand_score(other, LENGTH);
                if (reverse > score) score = reverse;
            }
            sum += score;
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        double time = (end.tv_sec - begin.tv_sec) * 1e3 + (end.tv_nsec - begin.tv_nsec) / 1e6;
        printf("%.6f\n", strncmp(line, "sum", 3) ? time : sum);
        fflush(stdout);
    }
    return 0;
}
