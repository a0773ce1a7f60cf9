/* See ff_ipc.h. Numbers and layouts: docs/worker.md, version 1; they are written as the machines we build for have them,
   little-endian. */
#include "ff_ipc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x58564646u
#define QUIET 10.0        /* seconds without a word: ask whether it lives; as long again: it does not */
#define CANCEL_WAIT 2.0   /* for the answer to what was cancelled; then the connection is left */
#define START_AGAIN 5.0   /* after a start that failed, not before */
enum { HELLO = 1, PROVE = 2, PING = 0x10, CANCEL = 0x11, BLOCK_OPEN = 0x20, BLOCK_CLOSE = 0x21, PROGRESS = 0x100, ANSWER = 0x8000 };
enum { VERSION = 1, MOST_PAYLOAD = 1 << 20, MOST_LINKS = 32, MOST_SESSIONS = 8, MOST_TURNS = 5 };

typedef struct { uint32_t magic; uint16_t version, kind; uint32_t request, status, length, reserved; } header;
_Static_assert(sizeof(header) == 24 && sizeof(ff_image) == 40 && sizeof(ff_input) == 64 && sizeof(ff_output) == 48, "holes");

typedef struct { char *job; ff_session facts; unsigned long used; } open_job;

struct ff_link {
    char worker[64], folder[FF_PATH];
    intptr_t end;
    int passes;
    uint32_t request, block;
    unsigned long turns;
    ff_memory memory;
    open_job jobs[MOST_SESSIONS];
    char *answer;
    size_t size, room;
};

static struct { ff_link *idle[MOST_LINKS]; int count, used, starting; double failed; char why[FF_TEXT]; } pool;

static int said(ff_call *call, int status, const char *text) {
    snprintf(call->text, sizeof call->text, "%s", text);
    return status;
}

static void end_link(ff_link *link) {
    if (!link) return;
    if (link->end >= 0) ff_disconnect(link->end);
    ff_memory_free(&link->memory);
    for (int i = 0; i < MOST_SESSIONS; i++) free(link->jobs[i].job);
    free(link->answer);
    free(link);
}

static int send_message(ff_link *link, int kind, const void *payload, size_t size, int descriptor) {
    header head = {MAGIC, VERSION, (uint16_t)kind, ++link->request, 0, (uint32_t)size, 0};
    uint8_t *whole = malloc(sizeof head + size);
    if (!whole) return -1;
    memcpy(whole, &head, sizeof head);
    if (size) memcpy(whole + sizeof head, payload, size);
    int bad = ff_send(link->end, whole, sizeof head + size, descriptor);
    free(whole);
    return bad;
}

/* The next message; 1: there is one, 0: not yet, -1: lost. */
static int take_message(ff_link *link, header *head, int milliseconds) {
    int came = ff_receive(link->end, head, sizeof *head, milliseconds);
    if (came <= 0) return came;
    if (head->magic != MAGIC || head->length > MOST_PAYLOAD) return -1;
    if (link->room < head->length + 1u) {
        char *more = realloc(link->answer, head->length + 1u);
        if (!more) return -1;
        link->answer = more;
        link->room = head->length + 1u;
    }
    link->size = head->length;
    link->answer[link->size] = 0;
    return head->length && ff_receive(link->end, link->answer, head->length, (int)(QUIET * 1000)) <= 0 ? -1 : 1;
}

static void tell_progress(const ff_link *link, ff_call *call) {
    uint32_t counts[2];
    if (link->size < sizeof counts) return;
    call->begun = call->begun || strcmp(link->answer + sizeof counts, "wait");
    if (!call->progress) return;
    memcpy(counts, link->answer, sizeof counts);
    call->progress(call->who, link->answer + sizeof counts, counts[0], counts[1]);
}

static int wait_answer(ff_link *link, int kind, ff_call *call) {
    uint32_t request = link->request;
    double heard = ff_seconds(), left = 0;
    int asked = 0, why = FF_OK;
    for (;;) {
        double now = ff_seconds();
        if (!why && call->stop && call->stop(call->who)) why = FF_STOPPED;
        else if (!why && call->until > 0 && now > call->until) why = FF_LATE;
        if (why && !left) {
            if (send_message(link, CANCEL, &request, sizeof request, -1)) return said(call, FF_LOST, "the worker went away");
            left = now + CANCEL_WAIT;
        }
        if (why && now > left) { ff_disconnect(link->end); link->end = -1; }
        if (why && (link->end < 0 || now > left)) return said(call, why, why == FF_LATE ? "took too long" : "stopped");
        if (now - heard > 2 * QUIET) return said(call, FF_LOST, "the worker says nothing any more");
        if (now - heard > QUIET && !asked++ && send_message(link, PING, 0, 0, -1)) return said(call, FF_LOST, "the worker went away");
        header head;
        int came = take_message(link, &head, 50);
        if (came < 0) return said(call, FF_LOST, "the worker went away");
        if (!came) continue;
        heard = ff_seconds();
        asked = 0;
        if (head.request != request) continue;
        if (head.kind == PROGRESS) { tell_progress(link, call); continue; }
        if (head.kind != (kind | ANSWER)) return said(call, FF_LOST, "what listens there does not speak this protocol");
        if (head.status) said(call, FF_OK, *link->answer ? link->answer : "the worker gives no reason");
        return why ? said(call, why, why == FF_LATE ? "took too long" : "stopped") : (int)head.status;
    }
}

int ff_ask(ff_link *link, int kind, const void *payload, size_t size, ff_call *call) {
    if (link->end < 0 || send_message(link, kind, payload, size, -1)) return said(call, FF_LOST, "the worker went away");
    return wait_answer(link, kind, call);
}

const char *ff_answer(const ff_link *link, size_t *size) {
    *size = link->size;
    return link->answer ? link->answer : "";
}

static int from_hex(const char *text, uint8_t *bytes) {
    for (int i = 0; i < 64; i++) {
        int c = text[i], value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0) return -1;
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] | value : value << 4);
    }
    return 0;
}

static void proof(const uint8_t *secret, const char *title, const uint8_t *first, const uint8_t *second, uint8_t *digest) {
    uint8_t data[15 + 64];
    memcpy(data, title, 15);
    memcpy(data + 15, first, 32);
    memcpy(data + 47, second, 32);
    ff_hmac_sha256(secret, data, sizeof data, digest);
}

static int introduce(ff_link *link, const uint8_t *secret, ff_call *call) {
    struct { uint16_t low, high; uint32_t process; uint8_t nonce[32]; char name[8]; } hello = {VERSION, VERSION, 0, {0}, "openfx"};
    uint8_t digest[32];
    hello.process = (uint32_t)ff_process();
    if (ff_random(hello.nonce, 32)) return said(call, FF_LOCAL, "this system gives no random numbers");
    int status = ff_ask(link, HELLO, &hello, 40 + 6, call);
    if (status) return status;
    const uint8_t *theirs = (const uint8_t *)link->answer + 8;
    if (link->size != 72) return said(call, FF_LOCAL, "what listens there is no worker");
    proof(secret, "ff-vfx worker 1", hello.nonce, theirs, digest);
    if (memcmp(digest, theirs + 32, 32)) return said(call, FF_LOCAL, "what listens there does not know the secret; it is no worker of yours");
    proof(secret, "ff-vfx client 1", theirs, hello.nonce, digest);
    status = ff_ask(link, PROVE, digest, sizeof digest, call);
    link->passes = !status && link->size >= 4 && (link->answer[0] & 1);
    return status;
}

/* A new link; FF_LOST where nobody listens. */
static int connect_link(const char *worker, ff_call *call, ff_link **made) {
    char text[FF_TEXT], endpoint[FF_TEXT] = "", file[80];
    uint8_t secret[32];
    ff_link *link = calloc(1, sizeof *link);
    if (!link) return said(call, FF_LOCAL, "no memory");
    link->end = -1;
    snprintf(link->worker, sizeof link->worker, "%s", worker);
    ff_runtime_folder(link->folder);
    snprintf(file, sizeof file, "%s.endpoint", worker);
    int count = ff_read_private(link->folder, file, text, sizeof text, call->text), status = FF_LOST;
    int after = 0;
    char family[8] = "";
    if (count > 0 && sscanf(text, "%7s %*d %n", family, &after) == 1 && after) {
        text[strcspn(text, "\r\n")] = 0;
        snprintf(endpoint, sizeof endpoint, "%s %.900s", family, text + after);
        link->end = ff_connect(endpoint);
    }
    if (count == -2) status = FF_LOCAL;
    else if (link->end < 0) said(call, FF_LOST, "nobody listens");
    else if (ff_read_private(link->folder, "secret", text, sizeof text, call->text) < 64 || from_hex(text, secret))
        status = said(call, FF_LOCAL, "the worker's secret cannot be read; remove it from the runtime folder");
    else status = introduce(link, secret, call);
    if (status) { end_link(link); return status; }
    *made = link;
    return FF_OK;
}

/* One start for all threads: who comes meanwhile waits and then connects. */
static int start_worker(const char *worker, ff_call *call) {
    ff_lock();
    int others = pool.starting, wait = !others && ff_seconds() < pool.failed + START_AGAIN && pool.failed > 0;
    if (wait) snprintf(call->text, sizeof call->text, "%s", pool.why);
    if (!others && !wait) pool.starting = 1;
    ff_unlock();
    if (wait) return FF_LOCAL;
    while (others) {
        if (call->stop && call->stop(call->who)) return said(call, FF_STOPPED, "stopped");
        ff_sleep(0.02);
        ff_lock();
        others = pool.starting;
        ff_unlock();
        if (!others) return FF_OK;
    }
    char why[FF_TEXT] = "";
    int bad = ff_start_worker(worker, call->stop, call->who, why);
    int stopped = bad && call->stop && call->stop(call->who); /* it may take the lock itself */
    ff_lock();
    pool.starting = 0;
    pool.failed = bad && !stopped ? ff_seconds() : 0;
    snprintf(pool.why, sizeof pool.why, "%s", why);
    ff_unlock();
    return stopped ? said(call, FF_STOPPED, "stopped") : bad ? said(call, FF_LOCAL, why) : FF_OK;
}

/* An idle link of this worker, the one that has the job open where there is one. */
static ff_link *take_idle(const ff_call *call) {
    ff_link *found = 0;
    int at = -1, known = 0;
    for (int i = pool.count - 1; i >= 0 && !known; i--) {
        if (strcmp(pool.idle[i]->worker, call->worker)) continue;
        for (int j = 0; j < MOST_SESSIONS && call->job; j++)
            if (pool.idle[i]->jobs[j].job && !strcmp(pool.idle[i]->jobs[j].job, call->job)) known = 1;
        if (at < 0 || known) at = i;
    }
    if (at < 0) return 0;
    found = pool.idle[at];
    pool.idle[at] = pool.idle[--pool.count];
    return found;
}

static int borrow(ff_call *call, ff_link **link) {
    *link = 0;
    for (;;) { /* a turn among at most so many links */
        ff_lock();
        int mine = pool.used < MOST_LINKS;
        if (mine) pool.used++;
        ff_unlock();
        if (mine) break;
        if (call->stop && call->stop(call->who)) return said(call, FF_STOPPED, "stopped");
        if (call->until > 0 && ff_seconds() > call->until) return said(call, FF_LATE, "took too long");
        ff_sleep(0.005);
    }
    do {
        ff_lock();
        *link = take_idle(call);
        ff_unlock();
        if (!*link || !ff_stale((*link)->end)) break;
        end_link(*link);
    } while (1);
    if (*link) return FF_OK;
    int status = connect_link(call->worker, call, link);
    for (int tries = 0; (status == FF_LOST || status == FF_ENDING) && tries < 2; tries++) {
        status = start_worker(call->worker, call);
        if (!status) status = connect_link(call->worker, call, link);
    }
    return status;
}

static void give_back(ff_link *link, int keep) {
    ff_lock();
    pool.used--;
    keep = keep && link && link->end >= 0 && pool.count < MOST_LINKS;
    if (keep) pool.idle[pool.count++] = link;
    ff_unlock();
    if (!keep) end_link(link);
}

void ff_forget_idle(void) {
    for (ff_link *link = (ff_link *)1; link;) {
        ff_lock();
        link = pool.count ? pool.idle[--pool.count] : 0;
        ff_unlock();
        end_link(link);
    }
}

/* The call's job on this link, opened where it is not; NULL: status says why. */
static const ff_session *opened(ff_link *link, ff_call *call, int *status) {
    open_job *oldest = link->jobs;
    for (int i = 0; i < MOST_SESSIONS; i++) {
        open_job *one = link->jobs + i;
        if (one->job && !strcmp(one->job, call->job)) {
            one->used = ++link->turns;
            return &one->facts;
        }
        if (!one->job || (oldest->job && one->used < oldest->used)) oldest = one;
    }
    if (oldest->job) {
        *status = ff_ask(link, FF_CLOSE, &oldest->facts.number, 4, call);
        free(oldest->job);
        oldest->job = 0;
        if (*status >= FF_LOST) return 0;
    }
    *status = ff_ask(link, FF_OPEN, call->job, strlen(call->job), call);
    if (*status) return 0;
    uint32_t words[9];
    if (link->size < 52) { *status = said(call, FF_LOST, "the worker's answer to OPEN is too short"); return 0; }
    memcpy(words, link->answer, sizeof words);
    size_t length = strlen(call->job) + 1;
    oldest->job = malloc(length);
    if (!oldest->job) { *status = said(call, FF_LOCAL, "no memory"); return 0; }
    memcpy(oldest->job, call->job, length);
    oldest->facts = (ff_session){words[0], words[1], words[4], words[5], words[8], (int)words[2], (int)words[3]};
    oldest->used = ++link->turns;
    return &oldest->facts;
}

int ff_with_worker(ff_call *call, ff_question ask, void *given) {
    int status = FF_LOCAL;
    for (int turn = 0, deaths = 0; turn < MOST_TURNS && deaths < 2; turn++) {
        ff_link *link;
        call->begun = 0;
        status = borrow(call, &link);
        const ff_session *session = status ? 0 : opened(link, call, &status);
        if (session) status = ask(link, session, call, given);
        int again = status == FF_LOST || status == FF_ENDING || status == FF_NO_SESSION || status == FF_NO_BLOCK;
        give_back(link, !again && status != FF_LOCAL);
        if (!again) break;
        /* A worker that dies over somebody else's frame takes ours along; that speaks not against ours. */
        deaths += call->begun;
        ff_forget_idle(); /* they lead to the worker that is gone */
    }
    return status;
}

int ff_block(ff_link *link, uint64_t size, ff_call *call, uint8_t **bytes, uint32_t *block) {
    struct { uint32_t block, how; uint64_t size; char name[64]; } ask = {0};
    if (!link->memory.bytes || link->memory.size < size) {
        int status = link->memory.bytes ? ff_ask(link, BLOCK_CLOSE, &link->block, 4, call) : FF_OK;
        if (status) return status;
        ff_memory_free(&link->memory);
        if (ff_memory_make(&link->memory, size, link->passes ? FF_SHARED : FF_NAMED, link->folder)) {
            snprintf(call->text, sizeof call->text, "no shared memory of %.0f MB; free some", (double)size / 1e6);
            return FF_LOCAL;
        }
        ask.block = ++link->block;
        ask.how = (uint32_t)link->memory.how;
        ask.size = size;
        size_t length = link->memory.how == FF_NAMED ? strlen(link->memory.name) : 0;
        memcpy(ask.name, link->memory.name, length);
        int descriptor = link->memory.how == FF_SHARED ? link->memory.descriptor : -1;
        if (send_message(link, BLOCK_OPEN, &ask, 16 + length, descriptor)) return said(call, FF_LOST, "the worker went away");
        status = wait_answer(link, BLOCK_OPEN, call);
        if (status) { ff_memory_free(&link->memory); return status == FF_NO_BLOCK ? FF_LOCAL : status; }
    }
    *bytes = link->memory.bytes;
    *block = link->block;
    return FF_OK;
}
