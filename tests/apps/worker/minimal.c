/* The least client in C, written from docs/worker.md: says who it is, shares memory, opens a job, asks for one frame.
 * Usage: minimal SOCKET SECRETFILE JOB.json NUMBER LAYER WIDTH HEIGHT OUT.raw ; writes float RGBA, bottom row first. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void block_of(uint32_t *h, const uint8_t *p) {
    uint32_t w[64], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
               (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    for (int i = 0; i < 64; i++) {
        uint32_t x = k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
        uint32_t y = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        k = g, g = f, f = e, e = d + x, d = c, c = b, b = a, a = x + y;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += k;
}

/* For messages of at most 1000 bytes. */
static void sha256(const uint8_t *data, size_t n, uint8_t *out) {
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t whole[1088] = {0};
    size_t size = (n + 8) / 64 * 64 + 64;
    memcpy(whole, data, n);
    whole[n] = 0x80;
    for (int i = 0; i < 8; i++) whole[size - 1 - i] = (uint8_t)((uint64_t)n * 8 >> 8 * i);
    for (size_t at = 0; at < size; at += 64) block_of(h, whole + at);
    for (int i = 0; i < 32; i++) out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void proof(const uint8_t *secret, const char *word, const uint8_t *first, const uint8_t *second, uint8_t *out) {
    uint8_t inner[64 + 15 + 64] = {0}, outer[64 + 32] = {0};
    memcpy(inner, secret, 32), memcpy(outer, secret, 32);
    for (int i = 0; i < 64; i++) inner[i] ^= 0x36, outer[i] ^= 0x5c;
    memcpy(inner + 64, word, 15), memcpy(inner + 79, first, 32), memcpy(inner + 111, second, 32);
    sha256(inner, sizeof inner, outer + 64);
    sha256(outer, sizeof outer, out);
}

#pragma pack(push, 1)
struct header { uint32_t magic; uint16_t version, kind; uint32_t request, status, length, reserved; };
struct image { uint32_t block, format; uint64_t offset; int64_t row_bytes; int32_t x1, y1, x2, y2; };
struct frame { uint32_t session; int32_t number; double x, y; uint32_t flags, inputs, outputs, zero; };
#pragma pack(pop)

static int end;

static void die(const char *what) { fprintf(stderr, "%s\n", what), exit(1); }

static void take(void *to, size_t n) {
    for (ssize_t got; n; to = (char *)to + got, n -= (size_t)got)
        if ((got = read(end, to, n)) <= 0) die("the worker left");
}

/* One question and its answer; progress is skipped. descriptor: to pass along, or -1. */
static uint8_t *ask(uint16_t kind, const void *payload, uint32_t length, int descriptor) {
    static uint32_t number;
    static uint8_t answer[1 << 20];
    uint8_t whole[8192], room[CMSG_SPACE(sizeof(int))] = {0};
    struct header head = {0x58564646, 1, kind, ++number, 0, length, 0};
    memcpy(whole, &head, sizeof head), memcpy(whole + sizeof head, payload, length);
    struct iovec part = {whole, sizeof head + length};
    struct msghdr message = {0};
    message.msg_iov = &part, message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = room, message.msg_controllen = sizeof room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &descriptor, sizeof(int));
    }
    if (sendmsg(end, &message, 0) != (ssize_t)part.iov_len) die("cannot write");
    do {
        take(&head, sizeof head);
        if (head.magic != 0x58564646 || head.length >= sizeof answer) die("no worker");
        take(answer, head.length);
    } while (head.kind == 0x0100);
    answer[head.length] = 0;
    if (head.status) fprintf(stderr, "status %u: %s\n", head.status, answer), exit((int)head.status);
    return answer;
}

static size_t file(const char *path, void *to, size_t most) {
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(to, 1, most, f) : 0;
    if (!f || fclose(f)) die(path);
    return n;
}

int main(int count, char **words) {
    if (count != 9) die("SOCKET SECRET JOB NUMBER LAYER WIDTH HEIGHT OUT");
    struct sockaddr_un where = {AF_UNIX, {0}};
    char hex[65] = {0}, job[4096];
    uint8_t secret[32], hello[44] = {1, 0, 1, 0}, theirs[32], mine[32], *ours = hello + 8, *said;
    if (strlen(words[1]) >= sizeof where.sun_path || file(words[2], hex, 64) != 64) die("SOCKET or SECRET");
    strcpy(where.sun_path, words[1]);
    for (unsigned i = 0, byte; i < 32; i++) sscanf(hex + 2 * i, "%2x", &byte), secret[i] = (uint8_t)byte;
    end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(end, (struct sockaddr *)&where, sizeof where)) die("nobody listens");

    uint8_t named[48];
    uint32_t pid = (uint32_t)getpid();
    memcpy(hello + 4, &pid, 4);
    if (getrandom(hello + 8, 32, 0) != 32) die("no random");
    memcpy(named, hello, 40), memcpy(named + 40, "C", 1);
    said = ask(0x0001, named, 41, -1);
    memcpy(theirs, said + 8, 32);
    proof(secret, "ff-vfx worker 1", ours, theirs, mine);
    if (memcmp(mine, said + 40, 32)) die("it does not know the secret");
    proof(secret, "ff-vfx client 1", theirs, ours, mine);
    if (!(*ask(0x0002, mine, 32, -1) & 1)) die("descriptors do not pass");

    int w = atoi(words[6]), h = atoi(words[7]), memory = memfd_create("minimal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    uint64_t size = (uint64_t)w * (uint64_t)h * 16;
    if (ftruncate(memory, (off_t)size) || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK)) die("no memory");
    void *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    uint8_t block[16] = {7, 0, 0, 0, 1, 0, 0, 0};
    memcpy(block + 8, &size, 8);
    ask(0x0020, block, 16, memory);
    size_t length = file(words[3], job, sizeof job);
    uint32_t session;
    memcpy(&session, ask(0x0030, job, (uint32_t)length, -1), 4);

    struct frame frame = {session, atoi(words[4]), 1.0, 1.0, 0, 0, 1, 0};
    struct image image = {7, 1, 0, (int64_t)w * 16, 0, 0, w, h};
    uint8_t asked[sizeof frame + 8 + sizeof image] = {0};
    uint32_t layer = (uint32_t)atoi(words[5]), outcome;
    memcpy(asked, &frame, sizeof frame), memcpy(asked + sizeof frame, &layer, 4);
    memcpy(asked + sizeof frame + 8, &image, sizeof image);
    memcpy(&outcome, ask(0x0033, asked, sizeof asked, -1), 4);
    FILE *out = fopen(words[8], "wb");
    if (pixels == MAP_FAILED || !out || fwrite(pixels, 1, size, out) != size || fclose(out)) die("OUT");
    printf("outcome %u\n", outcome);
    return 0;
}
