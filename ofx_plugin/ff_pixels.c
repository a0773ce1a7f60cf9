/* See ff_pixels.h. Copies are one memcpy where rows follow each other: row by row costs three times as much at UHD. */
#include "ff_pixels.h"
#include "ff_sum.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_SIDE = 32768 };
static const int sizes[] = {0, 4, 2, 2, 1}; /* bytes of a component: float, half, short, byte */

int ff_format_of(const char *depth) {
    static const char *const names[] = {"", "OfxBitDepthFloat", "OfxBitDepthHalf", "OfxBitDepthShort", "OfxBitDepthByte"};
    for (int i = 1; i < 5; i++)
        if (!strcmp(depth, names[i])) return i;
    return 0;
}

static int pixel(const ff_picture *p) { return sizes[p->format] * p->channels; }
static int width(const ff_picture *p) { return p->bounds[2] - p->bounds[0]; }
static int height(const ff_picture *p) { return p->bounds[3] - p->bounds[1]; }
static int64_t line(const ff_picture *p) { return (int64_t)width(p) * pixel(p); }
static int64_t stride(const ff_picture *p) { return llabs((long long)p->row); }
static uint8_t *at(const ff_picture *p, int x, int y) {
    return p->data + (int64_t)(y - p->bounds[1]) * p->row + (int64_t)(x - p->bounds[0]) * pixel(p);
}

int ff_picture_check(ff_picture *p) {
    int64_t w = (int64_t)p->bounds[2] - p->bounds[0], h = (int64_t)p->bounds[3] - p->bounds[1];
    int good = w > 0 && h > 0 && w <= MOST_SIDE && h <= MOST_SIDE && (!p->format || !p->channels || h == 1 || stride(p) >= line(p));
    if (!(p->par > 0)) p->par = 1.0;
    if (good && h == 1) p->row = (int)line(p);
    if (!good) p->data = 0;
    return good ? 0 : -1;
}

ff_picture ff_area(const int *window, int format) {
    ff_picture p = {.format = format, .channels = 4, .par = 1.0};
    memcpy(p.bounds, window, sizeof p.bounds);
    p.row = (int)line(&p);
    return p;
}

int ff_same_area(const ff_picture *one, const ff_picture *other) {
    return !memcmp(one->bounds, other->bounds, sizeof one->bounds) && one->format == other->format;
}

/* Whether it goes over whole, holes between its rows and all; else its rows are put close. */
static int whole(const ff_picture *p) { return stride(p) <= 2 * line(p) && stride(p) % sizes[p->format] == 0; }
static int64_t packed(const ff_picture *p) { return whole(p) ? p->row : line(p); }

uint64_t ff_span(const ff_picture *p) {
    int64_t rows = height(p) - 1;
    return (uint64_t)(rows * llabs((long long)packed(p)) + line(p));
}

ff_image ff_image_of(const ff_picture *p, uint64_t start) {
    int64_t row = packed(p);
    uint64_t first = row < 0 ? (uint64_t)((height(p) - 1) * -row) : 0;
    return (ff_image){0, (uint32_t)p->format, start + first, row, p->bounds[0], p->bounds[1], p->bounds[2], p->bounds[3]};
}

void ff_pack(const ff_picture *p, uint8_t *first, uint8_t key[16]) {
    ff_sum sum = {0};
    if (stride(p) == line(p)) {
        int64_t below = p->row < 0 ? (int64_t)(height(p) - 1) * p->row : 0;
        ff_copy_sum(first + below, p->data + below, (size_t)ff_span(p), &sum);
    } else /* what lies between rows is nobody's */
        for (int y = 0; y < height(p); y++)
            ff_copy_sum(first + y * packed(p), p->data + (int64_t)y * p->row, (size_t)line(p), &sum);
    ff_sum_key(&sum, key);
}

void ff_copy(ff_picture *to, const ff_picture *from, const int *window) {
    int64_t bytes = (int64_t)(window[2] - window[0]) * pixel(to), rows = window[3] - window[1];
    if (to->row == from->row && stride(to) == bytes) {
        int first = to->row < 0 ? window[3] - 1 : window[1];
        memcpy(at(to, window[0], first), at(from, window[0], first), (size_t)(bytes * rows));
        return;
    }
    for (int y = window[1]; y < window[3]; y++) memcpy(at(to, window[0], y), at(from, window[0], y), (size_t)bytes);
}

void ff_fill(ff_picture *to, const ff_picture *from, const int *window) {
    if (!to->format || !to->channels) return;
    int part[4];
    for (int y = window[1]; y < window[3]; y++)
        memset(at(to, window[0], y), 0, (size_t)(window[2] - window[0]) * (size_t)pixel(to));
    if (!from || !from->data || from->format != to->format || from->channels != to->channels) return;
    for (int i = 0; i < 2; i++) {
        part[i] = window[i] > from->bounds[i] ? window[i] : from->bounds[i];
        part[i + 2] = window[i + 2] < from->bounds[i + 2] ? window[i + 2] : from->bounds[i + 2];
    }
    if (part[0] < part[2] && part[1] < part[3]) ff_copy(to, from, part);
}

static float from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023, bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | (exponent == 31 ? 0x7f800000 : (exponent + 112) << 23) | fraction << 13;
    memcpy(&value, &bits, 4);
    return value;
}

static uint16_t to_half(float value) { /* to the nearest, ties to even */
    uint32_t bits, sign, rest;
    memcpy(&bits, &value, 4);
    sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00);
    if (bits >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
    if (bits < 0x38800000) {
        float scaled;
        memcpy(&scaled, &bits, 4);
        scaled = scaled * 0x1p24f + 0x1p23f; /* the sum rounds */
        memcpy(&rest, &scaled, 4);
        return (uint16_t)(sign | (rest - 0x4b000000));
    }
    rest = bits & 0x1fff;
    bits = (bits - 0x38000000) >> 13;
    return (uint16_t)(sign | (bits + (rest > 0x1000 || (rest == 0x1000 && (bits & 1)))));
}

static float load(const uint8_t *from, int format) {
    float value = 0;
    uint16_t small;
    if (format == 1) memcpy(&value, from, 4);
    else if (format == 4) value = (float)*from / 255.0f;
    else {
        memcpy(&small, from, 2);
        value = format == 2 ? from_half(small) : (float)small / 65535.0f;
    }
    return value;
}

static void store(uint8_t *to, int format, float value) {
    uint16_t small;
    float most = format == 4 ? 255.0f : 65535.0f, clipped = value > 0 ? (value < 1 ? value : 1) : 0;
    if (format == 1) memcpy(to, &value, 4);
    else if (format == 4) *to = (uint8_t)(clipped * most + 0.5f);
    else {
        small = format == 2 ? to_half(value) : (uint16_t)(clipped * most + 0.5f);
        memcpy(to, &small, 2);
    }
}

static float weight_at(const ff_picture *matte, int x, int y) {
    const int *b = matte->bounds;
    if (x < b[0] || x >= b[2] || y < b[1] || y >= b[3]) return 0;
    float value = load(at(matte, x, y) + (matte->channels == 4 ? 3 * sizes[matte->format] : 0), matte->format);
    return value > 0 ? (value < 1 ? value : 1) : 0;
}

void ff_weigh(ff_picture *to, const ff_picture *source, const ff_picture *matte, const int *window) {
    int step = sizes[to->format];
    if (!matte->data || !matte->format || !matte->channels) return;
    for (int y = window[1]; y < window[3]; y++)
        for (int x = window[0]; x < window[2]; x++) {
            float weight = weight_at(matte, x, y);
            const int *b = source ? source->bounds : to->bounds;
            int inside = source && x >= b[0] && x < b[2] && y >= b[1] && y < b[3];
            uint8_t *pixel = at(to, x, y);
            for (int c = 0; c < 4 && weight < 1; c++, pixel += step) {
                float old = inside ? load(at(source, x, y) + c * step, to->format) : 0;
                if (weight == 0 && inside) memcpy(pixel, at(source, x, y) + c * step, (size_t)step);
                else store(pixel, to->format, weight > 0 ? old + (load(pixel, to->format) - old) * weight : 0);
            }
        }
}
