/* FaceFuse as an OpenFX filter: what the host calls, its controls as a job, its pictures to the worker and back.
   Nothing here computes a face; nothing keeps state between frames but the pool of links in ff_ipc.c, so any number of
   instances and threads may render at once. Facts of hosts: docs/openfx.md. */
#include "ff_ipc.h"
#include "ff_ofx_abi.h"
#include "ff_params.h"
#include "ff_pixels.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
enum { MOST_NEAR = 16, USUAL_NEAR = 4, FRAME_HEAD = 40, FRAME_SAID = 40 };
enum { PIXELS_FRAME, PIXELS_FRAMES, PIXELS_FILES };
enum { FORMAT_AUTO, FORMAT_PLATE };
static const uint32_t layers[] = {1, 2, 3, 4, 5, 6, 7}; /* the worker's, in the order of host_output */
_Static_assert(sizeof layers / sizeof *layers == sizeof ff_choices_host_output / sizeof *ff_choices_host_output - 1, "outputs");

static struct {
    ofx_host *host;
    const ofx_property_suite *props;
    const ofx_effect_suite *effects;
    const ofx_param_suite *params;
    const ofx_message_suite *messages; /* NULL where its pointers cannot be trusted */
    const ofx_progress_suite *progress;
    int temporal, boxes;               /* neighbours can be had; pictures may be larger or smaller than their format */
    int tracking, ending;              /* threads that track; whether they must end */
} ofx;

static _Thread_local const double *at_time; /* of the frame that this thread makes; NULL: none, buttons */

typedef struct { /* one tracking; of its thread and its node, whoever goes last frees it */
    char *job, worker[64], stage[32], text[FF_TEXT];
    int owners, cancel, done, status;
    unsigned at, total;
} tracking;

typedef struct {
    ofx_effect effect;
    ofx_param params[FF_PARAMS], status, revision;
    ofx_clip source, matte, output;
    tracking *tracking;
    int has_message, tracked, revisions, telling;
} node;

/* -- properties and controls -------------------------------------------------------------------------------------- */

static void set_text(ofx_props props, const char *name, const char *value) { ofx.props->set_string(props, name, 0, value); }
static void set_number(ofx_props props, const char *name, int value) { ofx.props->set_int(props, name, 0, value); }

static const char *get_text(ofx_props props, const char *name) {
    char *value = 0;
    return props && !ofx.props->get_string(props, name, 0, &value) && value ? value : "";
}

static int get_number(ofx_props props, const char *name, int otherwise) {
    int value = otherwise;
    return props && !ofx.props->get_int(props, name, 0, &value) ? value : otherwise;
}

static double get_double(ofx_props props, const char *name, int index, double otherwise) {
    double value = otherwise;
    return props && !ofx.props->get_double(props, name, index, &value) ? value : otherwise;
}

static node *node_of(ofx_effect effect) {
    ofx_props props = 0;
    void *found = 0;
    if (!effect || ofx.effects->property_set(effect, &props)) return 0;
    return ofx.props->get_pointer(props, "OfxPropInstanceData", 0, &found) ? 0 : found;
}

/* A control's value into `value`, at the time of the frame that this thread makes; else as it is shown now. */
static int get_value(ofx_param param, void *value) {
    return at_time && !ofx.params->get_at(param, *at_time, value) ? 0 : ofx.params->get(param, value);
}

static double number_of(const node *n, int which) {
    const ff_param *told = ff_params + which;
    double value = told->number;
    int whole = (int)told->number;
    if (!n->params[which]) return value;
    if (told->kind == FF_DOUBLE) return get_value(n->params[which], &value) ? told->number : value;
    return get_value(n->params[which], &whole) ? told->number : whole;
}

static int choice_of(const node *n, int which) {
    int count = 0, value = (int)number_of(n, which);
    while (ff_params[which].choices[count]) count++;
    return value >= 0 && value < count ? value : (int)ff_params[which].number;
}

static const char *text_of(const node *n, int which) {
    char *value = 0;
    if (!n->params[which] || get_value(n->params[which], &value) || !value) return ff_params[which].text;
    return value;
}

static void worker_of(const node *n, char *name) { /* a host's text lives until the next call */
    const char *given = text_of(n, FF_HOST_WORKER);
    snprintf(name, 64, "%s", *given ? given : "main");
}

/* -- a job as JSON ------------------------------------------------------------------------------------------------ */

typedef struct { char *text; size_t size, room; int bad; } words;

static void add(words *w, const char *text, size_t size) {
    if (w->size + size + 1 > w->room) {
        size_t room = 2 * (w->size + size + 1);
        char *more = realloc(w->text, room);
        if (!more) { w->bad = 1; return; }
        w->text = more;
        w->room = room;
    }
    memcpy(w->text + w->size, text, size);
    w->size += size;
    w->text[w->size] = 0;
}

static void say(words *w, const char *text) { add(w, text, strlen(text)); }

static void quote(words *w, const char *text) {
    char code[8];
    say(w, "\"");
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) { snprintf(code, sizeof code, "\\u%04x", *text); say(w, code); continue; }
        if (*text == '"' || *text == '\\') say(w, "\\");
        add(w, text, 1);
    }
    say(w, "\"");
}

static void number(words *w, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, 0) != value) snprintf(text, sizeof text, "%.17g", value);
    for (char *comma = text; *comma; comma++) /* a host may have set a locale */
        if (*comma == ',') *comma = '.';
    say(w, text);
}

static int is_default(const ff_param *told, double value) { /* hosts may keep single precision */
    return fabs(value - told->number) <= 1e-6 * fabs(told->number);
}

/* "field":value, where the artist has changed it. */
static void add_value(words *w, const node *n, int which, const char *between) {
    const ff_param *told = ff_params + which;
    int is_text = told->kind >= FF_STRING;
    const char *text = is_text ? text_of(n, which) : "";
    double value = is_text ? 0 : number_of(n, which);
    if (told->written == FF_AS_NONE || (is_text ? !*text || !strcmp(text, told->text) : is_default(told, value))) return;
    say(w, between);
    quote(w, told->field);
    say(w, ":");
    if (told->kind == FF_CHOICE) quote(w, told->choices[choice_of(n, which)]);
    else if (told->kind == FF_BOOL) say(w, value ? "true" : "false");
    else if (!is_text) number(w, value);
    else if (told->written == FF_AS_TEXT) quote(w, text);
    else {
        say(w, told->written == FF_AS_LIST ? "[" : "");
        say(w, text);
        say(w, told->written == FF_AS_LIST ? "]" : "");
    }
}

/* What OPEN is asked with; size: of the host's format, 0: the plate's. The caller frees it; NULL: no memory. */
static char *job_of(const node *n, int width, int height) {
    words w = {0};
    char size[64];
    const char *group = "";
    say(&w, "{\"job\":{\"plate\":");
    quote(&w, text_of(n, FF_JOB_PLATE));
    for (int i = 0; i < FF_PARAMS; i++)
        if (!strcmp(ff_params[i].group, "job") && i != FF_JOB_PLATE && i != FF_JOB_PRESET) add_value(&w, n, i, ",");
    say(&w, ",\"settings\":{");
    for (int i = 0; i < FF_PARAMS; i++) {
        if (!strcmp(ff_params[i].group, "job") || ff_params[i].written == FF_AS_NONE) continue;
        int next = strcmp(ff_params[i].group, group);
        if (next) {
            say(&w, *group ? "}," : "");
            quote(&w, group = ff_params[i].group);
            say(&w, ":{");
        }
        size_t before = w.size;
        add_value(&w, n, i, w.size && w.text[w.size - 1] == '{' ? "" : ",");
        if (w.bad || w.size < before) break;
    }
    say(&w, "}}},\"preset\":");
    quote(&w, ff_params[FF_JOB_PRESET].choices[choice_of(n, FF_JOB_PRESET)]);
    if (*text_of(n, FF_HOST_COLOUR)) {
        say(&w, ",\"colour\":");
        quote(&w, text_of(n, FF_HOST_COLOUR));
    }
    snprintf(size, sizeof size, ",\"size\":[%d,%d]", width, height);
    say(&w, width > 0 && height > 0 ? size : "");
    say(&w, "}");
    if (w.bad) { free(w.text); return 0; }
    return w.text;
}

/* -- what the artist is told -------------------------------------------------------------------------------------- */

static void show_message(node *n, const char *text) {
    if (!ofx.messages) return;
    if (*text) ofx.messages->set_persistent(n->effect, "OfxMessageError", "ff-vfx", "%s", text);
    else if (n->has_message) ofx.messages->clear_persistent(n->effect);
    n->has_message = *text != 0;
}

static void show_status(node *n, const char *text) { /* the host's own thread only */
    n->telling = 1; /* a host may call us for what we set ourselves */
    if (n->status) ofx.params->set(n->status, text);
    n->telling = 0;
}

/* -- a frame ------------------------------------------------------------------------------------------------------ */

typedef struct {
    node *n;
    double time;
    int frame, pixels;
    double scale[2];
    ff_picture source, output, matte;
    int window[4], outcome;
    ofx_props near[2 * MOST_NEAR];
    int near_at[2 * MOST_NEAR], near_count;
} wanted;

static int stop(void *who) { return ofx.effects->abort(who); }

static int read_picture(ofx_props props, ff_picture *picture) {
    void *data = 0;
    *picture = (ff_picture){0};
    if (!props || ofx.props->get_pointer(props, "OfxImagePropData", 0, &data) || !data) return -1;
    picture->data = data;
    picture->row = get_number(props, "OfxImagePropRowBytes", 0);
    for (int i = 0; i < 4; i++)
        if (ofx.props->get_int(props, "OfxImagePropBounds", i, picture->bounds + i)) return -1;
    const char *depth = get_text(props, "OfxImageEffectPropPixelDepth"), *kind = get_text(props, "OfxImageEffectPropComponents");
    picture->format = ff_format_of(depth);
    picture->channels = !strcmp(kind, "OfxImageComponentRGBA") ? 4 : !strcmp(kind, "OfxImageComponentAlpha") ? 1 : 0;
    picture->par = get_double(props, "OfxImagePropPixelAspectRatio", 0, 1.0);
    return ff_picture_check(picture);
}

static void release_near(wanted *w) {
    while (w->near_count) ofx.effects->clip_release(w->near[--w->near_count]);
}

static void fetch_near(wanted *w, const ff_session *session) {
    int reach = session->neighbours < MOST_NEAR ? (int)session->neighbours : MOST_NEAR;
    if (w->pixels != PIXELS_FRAMES || !ofx.temporal) return;
    for (int step = -reach; step <= reach; step++) {
        ofx_props found = 0;
        ff_picture picture;
        if (!step || w->frame + step < session->first || w->frame + step > session->last) continue;
        if (ofx.effects->clip_image(w->n->source, w->time + step, 0, &found) || !found) continue;
        if (read_picture(found, &picture) || picture.channels != 4 || !picture.format) { ofx.effects->clip_release(found); continue; }
        w->near_at[w->near_count] = w->frame + step;
        w->near[w->near_count++] = found;
    }
}

static uint64_t next_place(uint64_t *at, uint64_t size) {
    uint64_t place = *at;
    *at += (size + 63) / 64 * 64;
    return place;
}

static ff_input input_of(const wanted *w, int index, ff_picture *picture) {
    if (index < 0) *picture = w->source;
    else read_picture(w->near[index], picture);
    ff_input one = {.number = index < 0 ? w->frame : w->near_at[index]};
    one.image = ff_image_of(picture, 0);
    return one;
}

/* Pack, ask, unpack; for ff_with_worker. */
static int ask_frame(ff_link *link, const ff_session *session, ff_call *call, void *given) {
    wanted *w = given;
    ff_input inputs[2 * MOST_NEAR + 1];
    ff_picture pictures[2 * MOST_NEAR + 1];
    uint64_t total = 0;
    uint8_t *block, payload[FRAME_HEAD + sizeof inputs + sizeof(ff_output)];
    int count = 0;
    fetch_near(w, session);
    if (w->pixels != PIXELS_FILES)
        for (int i = -1; i < w->near_count; i++, count++) {
            inputs[count] = input_of(w, i, pictures + count);
            uint64_t start = next_place(&total, ff_span(pictures + count));
            inputs[count].image.offset += start;
        }
    ff_output output = {.layer = layers[choice_of(w->n, FF_HOST_OUTPUT)]};
    ff_picture area = ff_area(w->window, w->output.format);
    int in_place = count && output.layer == 1 && ff_same_area(&w->source, &area);
    if (in_place) area = w->source;
    output.image = in_place ? inputs[0].image : ff_image_of(&area, next_place(&total, ff_span(&area)));
    uint32_t number, status = (uint32_t)ff_block(link, total, call, &block, &number);
    for (int i = 0; i < count && !status; i++) {
        ff_pack(pictures + i, block + inputs[i].image.offset, inputs[i].content);
        inputs[i].image.block = number;
    }
    release_near(w);
    if (status) return (int)status;
    output.image.block = number;
    struct { uint32_t session; int32_t frame; double scale[2]; uint32_t flags, inputs, outputs, zero; } head = {
        session->number, w->frame, {w->scale[0], w->scale[1]}, FF_KEYS_OF_PIXELS, (uint32_t)count, 1, 0};
    size_t size = (size_t)count * sizeof *inputs;
    memcpy(payload, &head, sizeof head);
    memcpy(payload + FRAME_HEAD, inputs, size);
    memcpy(payload + FRAME_HEAD + size, &output, sizeof output);
    status = (uint32_t)ff_ask(link, FF_FRAME, payload, FRAME_HEAD + size + sizeof output, call);
    if (status) return (int)status;
    const char *said = ff_answer(link, &size);
    if (size < FRAME_SAID) return FF_LOST;
    memcpy(&w->outcome, said, sizeof w->outcome);
    area.data = block + output.image.offset;
    area.row = (int)output.image.row_bytes;
    ff_copy(&w->output, &area, w->window);
    return FF_OK;
}

/* The host's format, where its pictures are another size than the plate's. */
static void format_of(const wanted *w, int *width, int *height) {
    ofx_rect rod;
    int how = choice_of(w->n, FF_HOST_FORMAT);
    *width = *height = 0;
    if (how == FORMAT_PLATE || (how == FORMAT_AUTO && ofx.boxes)) return;
    if (ofx.effects->clip_rod(w->n->source, w->time, &rod)) return;
    double x = (rod.x2 - rod.x1) / w->source.par, y = rod.y2 - rod.y1;
    if (x >= 1 && y >= 1 && x <= 32768 && y <= 32768) { *width = (int)lround(x); *height = (int)lround(y); }
}

static void use_matte(wanted *w, const ff_picture *matte) {
    int output = choice_of(w->n, FF_HOST_OUTPUT);
    if (output <= 3) ff_weigh(&w->output, output ? 0 : &w->source, matte, w->window); /* result, face, matte, raw */
}

/* What keeps the frame from being asked for at all; NULL: nothing. */
static const char *wrong(const wanted *w, int matte_given) {
    if (!w->source.data) return "nothing is connected to Source, or it gives no picture";
    if (!w->output.format || !w->source.format) return "pictures of this depth cannot be used; use float, half, short or byte";
    if (w->source.channels != 4 || w->output.channels != 4) return "pictures must be RGBA";
    if (w->source.format != w->output.format) return "Source and Output differ in depth";
    if (!*text_of(w->n, FF_JOB_PLATE)) return "name the plate: its files are needed for tracking and neighbours";
    if (number_of(w->n, FF_HOST_USE_MATTE) && !matte_given) return "Use matte is on and Matte gives no picture; connect it or switch it off";
    return 0;
}

static int ask_worker(wanted *w, char *text) {
    char worker[64], *job;
    int width, height;
    ff_call call = {.worker = worker, .stop = stop, .who = w->n->effect};
    worker_of(w->n, worker);
    double limit = number_of(w->n, FF_HOST_TIMEOUT_S);
    call.until = limit > 0 ? ff_seconds() + limit : 0;
    format_of(w, &width, &height);
    call.job = job = job_of(w->n, width, height);
    int status = job ? ff_with_worker(&call, ask_frame, w) : FF_LOCAL;
    release_near(w);
    free(job);
    snprintf(text, FF_TEXT, "%s", call.text);
    return status;
}

static int begin_frame(wanted *w, ofx_props in, ofx_props *images) {
    w->scale[0] = get_double(in, "OfxImageEffectPropRenderScale", 0, 1);
    w->scale[1] = get_double(in, "OfxImageEffectPropRenderScale", 1, 1);
    if (!(fabs(w->time) < 1e9)) return -1;
    w->frame = (int)floor(w->time + 0.5) + (int)number_of(w->n, FF_HOST_FRAME_OFFSET);
    w->pixels = choice_of(w->n, FF_HOST_PIXELS);
    if (ofx.effects->clip_image(w->n->output, w->time, 0, images)) images[0] = 0;
    if (ofx.effects->clip_image(w->n->source, w->time, 0, images + 1)) images[1] = 0;
    if (!number_of(w->n, FF_HOST_USE_MATTE) || !w->n->matte || ofx.effects->clip_image(w->n->matte, w->time, 0, images + 2))
        images[2] = 0;
    if (read_picture(images[0], &w->output)) return -1;
    read_picture(images[1], &w->source);
    for (int i = 0; i < 4; i++) {
        int edge = w->output.bounds[i], value = edge;
        if (ofx.props->get_int(in, "OfxImageEffectPropRenderWindow", i, &value)) value = edge;
        w->window[i] = i < 2 ? (value > edge ? value : edge) : (value < edge ? value : edge);
    }
    return 0;
}

static int render_at(node *n, ofx_props in, double time) {
    wanted w = {.n = n, .time = time};
    ofx_props images[3] = {0};
    char text[FF_TEXT] = "", message[FF_TEXT + 64];
    int result = OFX_FAILED;
    if (begin_frame(&w, in, images)) {
        show_message(n, "the host gives no output picture");
    } else if (w.window[0] >= w.window[2] || w.window[1] >= w.window[3]) {
        result = OFX_OK;
    } else {
        int matte_given = !read_picture(images[2], &w.matte);
        const char *reason = wrong(&w, matte_given);
        int status = reason ? FF_LOCAL : ask_worker(&w, text);
        if (!status && number_of(n, FF_HOST_USE_MATTE)) use_matte(&w, &w.matte);
        result = OFX_OK;
        if (!status) show_message(n, "");
        else {
            ff_fill(&w.output, choice_of(n, FF_HOST_OUTPUT) || !w.source.data ? 0 : &w.source, w.window);
            if (status != FF_STOPPED) {
                snprintf(message, sizeof message, "FaceFuse, frame %d: %s", w.frame, reason ? reason : text);
                show_message(n, message);
                result = choice_of(n, FF_HOST_ON_ERROR) ? OFX_OK : OFX_FAILED;
            }
        }
    }
    for (int i = 0; i < 3; i++)
        if (images[i]) ofx.effects->clip_release(images[i]);
    return result;
}

static int render(node *n, ofx_props in) {
    double time = get_double(in, "OfxPropTime", 0, 0);
    at_time = &time; /* controls may be keyed, or follow another node's */
    int result = render_at(n, in, time);
    at_time = 0;
    return result;
}

/* -- buttons ------------------------------------------------------------------------------------------------------ */

static int tracking_stop(void *who) {
    tracking *t = who;
    ff_lock();
    int stops = t->cancel || ofx.ending;
    ff_unlock();
    return stops;
}

static void tracking_progress(void *who, const char *stage, unsigned done, unsigned total) {
    tracking *t = who;
    ff_lock();
    snprintf(t->stage, sizeof t->stage, "%s", stage);
    t->at = done;
    t->total = total;
    ff_unlock();
}

static void let_go(tracking *t) {
    ff_lock();
    int last = --t->owners == 0;
    ff_unlock();
    if (last) { free(t->job); free(t); }
}

static int ask_track(ff_link *link, const ff_session *session, ff_call *call, void *given) {
    uint32_t ask[2] = {session->number, session->tracked || *(int *)given};
    int status = ff_ask(link, FF_TRACK, ask, sizeof ask, call);
    size_t size;
    const char *said = ff_answer(link, &size);
    if (!status && size >= 16) snprintf(call->text, sizeof call->text, "%s", said + 16);
    return status;
}

static void track(void *given) {
    tracking *t = given;
    ff_call call = {.worker = t->worker, .job = t->job, .stop = tracking_stop, .progress = tracking_progress, .who = t};
    int status = ff_with_worker(&call, ask_track, &t->status);
    ff_lock();
    snprintf(t->text, sizeof t->text, "%s", status == FF_STOPPED ? "tracking was cancelled" : call.text);
    t->status = status;
    t->done = 1;
    ofx.tracking--;
    ff_unlock();
    let_go(t);
}

/* What has come of the tracking, if it is done; in the host's own thread. */
static void look_at_tracking(node *n) {
    tracking *t = n->tracking;
    char text[FF_TEXT + 64];
    if (!t) return;
    ff_lock();
    int done = t->done, status = t->status;
    if (done) snprintf(text, sizeof text, "%s", t->text);
    else snprintf(text, sizeof text, "%s: %u of %u", *t->stage ? t->stage : "starting", t->at, t->total);
    ff_unlock();
    if (!done) { show_status(n, text); return; }
    n->tracking = 0;
    let_go(t);
    show_status(n, text);
    show_message(n, status && status != FF_STOPPED ? text : "");
    n->tracked = n->tracked || !status;
    n->telling = 1;
    if (n->revision) ofx.params->set(n->revision, ++n->revisions); /* makes the host ask for the picture again */
    n->telling = 0;
}

static void watch_tracking(node *n) {
    tracking *t = n->tracking;
    int done = 0;
    if (!ofx.progress || ofx.progress->start(n->effect, "FaceFuse: track")) return;
    while (!done) {
        ff_sleep(0.05);
        ff_lock();
        double part = t->total ? (double)t->at / t->total : 0;
        done = t->done;
        ff_unlock();
        int answer = ofx.progress->update(n->effect, part);
        ff_lock();
        t->cancel = t->cancel || answer == OFX_REPLY_NO;
        ff_unlock();
    }
    ofx.progress->end(n->effect);
}

static void press_track(node *n) {
    look_at_tracking(n);
    if (n->tracking) return;
    tracking *t = *text_of(n, FF_JOB_PLATE) ? calloc(1, sizeof *t) : 0;
    if (!t) { show_status(n, "name the plate first"); return; }
    worker_of(n, t->worker);
    t->job = job_of(n, 0, 0);
    t->owners = 2;
    t->status = n->tracked;
    ff_lock();
    ofx.tracking++;
    ff_unlock();
    if (!t->job || ff_thread(track, t)) {
        ff_lock();
        ofx.tracking--;
        ff_unlock();
        free(t->job);
        free(t);
        show_status(n, "no memory, or no thread");
        return;
    }
    n->tracking = t;
    show_status(n, "tracking; press Cancel to end it");
    watch_tracking(n);
    look_at_tracking(n);
}

static void cancel(node *n) {
    ff_lock();
    if (n->tracking) n->tracking->cancel = 1;
    ff_unlock();
}

static int ask_export(ff_link *link, const ff_session *session, ff_call *call, void *given) {
    words w = {0};
    add(&w, (const char *)&session->number, 4);
    say(&w, given);
    int status = w.bad ? FF_LOCAL : ff_ask(link, FF_EXPORT, w.text, w.size, call);
    free(w.text);
    return status;
}

static void press_export(node *n) {
    ff_call call = {.worker = 0, .until = ff_seconds() + 120.0};
    char worker[64], *job = job_of(n, 0, 0);
    words w = {0};
    worker_of(n, worker);
    call.worker = worker;
    call.job = job;
    say(&w, "{\"format\":");
    quote(&w, ff_params[FF_HOST_EXPORT_FORMAT].choices[choice_of(n, FF_HOST_EXPORT_FORMAT)]);
    say(&w, ",\"offset\":");
    number(&w, -number_of(n, FF_HOST_FRAME_OFFSET));
    say(&w, ",\"output\":");
    quote(&w, text_of(n, FF_HOST_EXPORT_FILE));
    say(&w, number_of(n, FF_HOST_EXPORT_OVERWRITE) ? ",\"overwrite\":true}" : "}");
    if (!*text_of(n, FF_HOST_EXPORT_FILE)) show_status(n, "name the export file first");
    else if (!job || w.bad) show_status(n, "no memory");
    else {
        int status = ff_with_worker(&call, ask_export, w.text);
        show_status(n, status ? call.text : "exported");
        show_message(n, status ? call.text : "");
    }
    free(w.text);
    free(job);
}

static int changed(node *n, ofx_props in) {
    const char *name = get_text(in, "OfxPropName");
    if (n->telling) return OFX_REPLY_DEFAULT;
    look_at_tracking(n);
    if (strcmp(get_text(in, "OfxPropChangeReason"), "OfxChangeUserEdited")) return OFX_REPLY_DEFAULT;
    if (!strcmp(name, "track")) press_track(n);
    else if (!strcmp(name, "cancel")) cancel(n);
    else if (!strcmp(name, "export")) press_export(n);
    else return OFX_REPLY_DEFAULT;
    return OFX_OK;
}

/* -- describing --------------------------------------------------------------------------------------------------- */

static int load(void) {
    if (!ofx.host || !ofx.host->fetch) return OFX_MISSING_HOST_FEATURE;
    ofx.props = ofx.host->fetch(ofx.host->props, "OfxPropertySuite", 1);
    ofx.effects = ofx.host->fetch(ofx.host->props, "OfxImageEffectSuite", 1);
    ofx.params = ofx.host->fetch(ofx.host->props, "OfxParameterSuite", 1);
    if (!ofx.props || !ofx.effects || !ofx.params) return OFX_MISSING_HOST_FEATURE;
    const char *name = get_text(ofx.host->props, "OfxPropName");
    int resolve = !strncmp(name, "DaVinciResolve", 14); /* its message suite 2 has pointers that lead nowhere */
    ofx.messages = resolve ? 0 : ofx.host->fetch(ofx.host->props, "OfxMessageSuite", 2);
    ofx.progress = ofx.host->fetch(ofx.host->props, "OfxProgressSuite", 1);
    ofx.temporal = get_number(ofx.host->props, "OfxImageEffectPropTemporalClipAccess", 0);
    ofx.boxes = !strncmp(name, "uk.co.thefoundry.nuke", 21) || strstr(name, "Natron");
    ofx.ending = 0;
    return OFX_OK;
}

static int unload(void) {
    ff_lock();
    ofx.ending = 1;
    int left = ofx.tracking;
    ff_unlock();
    while (left) {
        ff_sleep(0.01);
        ff_lock();
        left = ofx.tracking;
        ff_unlock();
    }
    ff_forget_idle();
    return OFX_OK;
}

static int describe(ofx_effect effect) {
    static const char *const depths[] = {"Float", "Half", "Short", "Byte"};
    char name[64];
    ofx_props props;
    if (ofx.effects->property_set(effect, &props)) return OFX_FAILED;
    set_text(props, "OfxPropLabel", "FaceFuse");
    set_text(props, "OfxPropShortLabel", "FaceFuse");
    set_text(props, "OfxPropLongLabel", "FaceFuse");
    set_text(props, "OfxImageEffectPluginPropGrouping", "ff-vfx");
    set_text(props, "OfxPropPluginDescription", "Puts one performer's face over another's; press Track once, then render any frame.");
    set_text(props, "OfxImageEffectPropSupportedContexts", "OfxImageEffectContextFilter");
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "OfxBitDepth%s", depths[i]);
        ofx.props->set_string(props, "OfxImageEffectPropSupportedPixelDepths", i, name);
    }
    set_text(props, "OfxImageEffectPluginRenderThreadSafety", "OfxImageEffectRenderFullySafe");
    set_number(props, "OfxImageEffectPluginPropHostFrameThreading", 0);
    set_number(props, "OfxImageEffectPluginPropSingleInstance", 0);
    set_number(props, "OfxImageEffectPropSupportsTiles", 0);
    set_number(props, "OfxImageEffectPropSupportsMultiResolution", 1);
    set_number(props, "OfxImageEffectPropTemporalClipAccess", ofx.temporal);
    set_number(props, "OfxImageEffectPropMultipleClipDepths", 0);
    set_number(props, "OfxImageEffectPropSupportsMultipleClipPARs", 0);
    set_number(props, "OfxImageEffectPluginPropFieldRenderTwiceAlways", 0);
    return OFX_OK;
}

static void define_clip(ofx_effect effect, const char *name, int optional) {
    ofx_props props;
    if (ofx.effects->clip_define(effect, name, &props)) return;
    ofx.props->set_string(props, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA");
    if (optional) ofx.props->set_string(props, "OfxImageEffectPropSupportedComponents", 1, "OfxImageComponentAlpha");
    set_number(props, "OfxImageClipPropOptional", optional);
    set_number(props, "OfxImageClipPropIsMask", optional);
    set_number(props, "OfxImageEffectPropSupportsTiles", 0);
    set_number(props, "OfxImageEffectPropTemporalClipAccess", !strcmp(name, "Source") && ofx.temporal);
}

static ofx_props define(ofx_param_set set, const char *type, const char *name, const char *label, const char *hint) {
    char kind[64];
    ofx_props props = 0;
    snprintf(kind, sizeof kind, "OfxParamType%s", type);
    if (ofx.params->define(set, kind, name, &props) || !props) return 0;
    set_text(props, "OfxPropLabel", label);
    if (*hint) set_text(props, "OfxParamPropHint", hint);
    return props;
}

static void set_range(ofx_props props, const ff_param *told) {
    /* Both ranges on every number: hosts clamp to (-1, 1) or (0, 0) otherwise. */
    static const char *const names[] = {"OfxParamPropDefault", "OfxParamPropMin", "OfxParamPropMax",
                                        "OfxParamPropDisplayMin", "OfxParamPropDisplayMax"};
    const double values[] = {told->number, told->low, told->high, told->shown_low, told->shown_high};
    for (int i = 0; i < 5; i++)
        if (told->kind == FF_INT) set_number(props, names[i], (int)values[i]);
        else ofx.props->set_double(props, names[i], 0, values[i]);
}

/* What does not animate takes no expression in some hosts, and the other nodes of a gizmo follow the first by them. */
static int animates(const ff_param *told) {
    const char *kind = told->kind == FF_BOOL ? "Boolean" : told->kind == FF_CHOICE ? "Choice" : told->kind >= FF_STRING ? "String" : 0;
    char name[64];
    snprintf(name, sizeof name, "OfxParamHostPropSupports%sAnimation", kind ? kind : "");
    return !kind || get_number(ofx.host->props, name, 0);
}

static void define_param(ofx_param_set set, const ff_param *told, const char *parent) {
    static const char *const types[] = {"Double", "Integer", "Boolean", "Choice", "String", "String", "String"};
    ofx_props props = define(set, types[told->kind], told->name, told->label, told->hint);
    if (!props) return;
    if (told->kind <= FF_INT) set_range(props, told);
    else if (told->kind <= FF_CHOICE) set_number(props, "OfxParamPropDefault", (int)told->number);
    else {
        static const char *const modes[] = {"SingleLine", "FilePath", "DirectoryPath"};
        char mode[64];
        snprintf(mode, sizeof mode, "OfxParamStringIs%s", modes[told->kind - FF_STRING]);
        set_text(props, "OfxParamPropStringMode", mode);
        if (told->kind == FF_FILE) set_number(props, "OfxParamPropStringFilePathExists", 0);
        set_text(props, "OfxParamPropDefault", told->text);
    }
    for (int i = 0; told->choices && told->choices[i]; i++)
        ofx.props->set_string(props, "OfxParamPropChoiceOption", i, told->choices[i]);
    set_number(props, "OfxParamPropAnimates", animates(told));
    if (parent) set_text(props, "OfxParamPropParent", parent);
}

static void define_group(ofx_param_set set, const ff_button *group, int first) {
    char name[64];
    snprintf(name, sizeof name, "group_%s", group->name);
    ofx_props made = define(set, "Group", name, group->label, ""), props;
    if (made) set_number(made, "OfxParamPropGroupOpen", first < 2);
    const char *parent = made ? name : 0;
    for (size_t i = 0; first == 0 && i < sizeof ff_buttons / sizeof *ff_buttons; i++)
        if ((props = define(set, "PushButton", ff_buttons[i].name, ff_buttons[i].label, ff_buttons[i].hint)) && parent)
            set_text(props, "OfxParamPropParent", parent);
    if (first == 0 && (props = define(set, "String", "status", "Status", "What was done last, or what is missing."))) {
        set_text(props, "OfxParamPropStringMode", "OfxParamStringIsSingleLine");
        set_text(props, "OfxParamPropDefault", "");
        set_number(props, "OfxParamPropEnabled", 0);
        set_number(props, "OfxParamPropPersistant", 0);
        set_number(props, "OfxParamPropEvaluateOnChange", 0);
        set_number(props, "OfxParamPropAnimates", 0);
        if (parent) set_text(props, "OfxParamPropParent", parent);
    }
    for (int i = 0; i < FF_PARAMS; i++)
        if (!strcmp(ff_params[i].group, group->name)) define_param(set, ff_params + i, parent);
}

static int describe_in_context(ofx_effect effect, ofx_props in) {
    static const ff_param revision = {"revision", "", "", "Revision", "Changes when a tracking has ended.", "", FF_INT,
                                      FF_AS_NONE, 0, 0, 1e9, 0, 1e9, 0};
    ofx_param_set set;
    ofx_props props;
    if (strcmp(get_text(in, "OfxImageEffectPropContext"), "OfxImageEffectContextFilter")) return OFX_UNSUPPORTED;
    if (ofx.effects->param_set(effect, &set)) return OFX_FAILED;
    define_clip(effect, "Source", 0);
    define_clip(effect, "Matte", 1);
    define_clip(effect, "Output", 0);
    for (size_t i = 0; i < sizeof ff_groups / sizeof *ff_groups; i++) define_group(set, ff_groups + i, (int)i);
    define_param(set, &revision, 0);
    if ((props = define(set, "Page", "page", "Controls", "")))
        for (int i = 0; i < FF_PARAMS; i++) ofx.props->set_string(props, "OfxParamPropPageChild", i, ff_params[i].name);
    return OFX_OK;
}

/* -- instances ---------------------------------------------------------------------------------------------------- */

static int create(ofx_effect effect) {
    ofx_param_set set;
    ofx_props props, unused;
    node *n = calloc(1, sizeof *n);
    if (!n) return OFX_MEMORY;
    if (ofx.effects->property_set(effect, &props) || ofx.effects->param_set(effect, &set) ||
        ofx.effects->clip_handle(effect, "Source", &n->source, &unused) ||
        ofx.effects->clip_handle(effect, "Output", &n->output, &unused)) {
        free(n);
        return OFX_FAILED;
    }
    n->effect = effect;
    if (ofx.effects->clip_handle(effect, "Matte", &n->matte, &unused)) n->matte = 0;
    for (int i = 0; i < FF_PARAMS; i++)
        if (ofx.params->handle(set, ff_params[i].name, n->params + i, &unused)) n->params[i] = 0;
    if (ofx.params->handle(set, "status", &n->status, &unused)) n->status = 0;
    if (ofx.params->handle(set, "revision", &n->revision, &unused)) n->revision = 0;
    else if (ofx.params->get(n->revision, &n->revisions)) n->revisions = 0;
    return ofx.props->set_pointer(props, "OfxPropInstanceData", 0, n) ? (free(n), OFX_FAILED) : OFX_OK;
}

static int destroy(ofx_effect effect, node *n) {
    ofx_props props;
    cancel(n);
    if (n->tracking) let_go(n->tracking);
    if (!ofx.effects->property_set(effect, &props)) ofx.props->set_pointer(props, "OfxPropInstanceData", 0, 0);
    free(n);
    return OFX_OK;
}

static int frames_needed(node *n, ofx_props in, ofx_props out) {
    double time = get_double(in, "OfxPropTime", 0, 0);
    if (!ofx.temporal || choice_of(n, FF_HOST_PIXELS) != PIXELS_FRAMES) return OFX_REPLY_DEFAULT;
    ofx.props->set_double(out, "OfxImageClipPropFrameRange_Source", 0, time - USUAL_NEAR);
    ofx.props->set_double(out, "OfxImageClipPropFrameRange_Source", 1, time + USUAL_NEAR);
    return OFX_OK;
}

static int regions(node *n, ofx_props in, ofx_props out) {
    ofx_rect rod; /* the whole picture, whatever part is asked for */
    if (ofx.effects->clip_rod(n->source, get_double(in, "OfxPropTime", 0, 0), &rod)) return OFX_REPLY_DEFAULT;
    const double values[] = {rod.x1, rod.y1, rod.x2, rod.y2};
    for (int i = 0; i < 4; i++) ofx.props->set_double(out, "OfxImageClipPropRoI_Source", i, values[i]);
    return OFX_OK;
}

static int with_node(const char *action, ofx_effect effect, ofx_props in, ofx_props out) {
    node *n = node_of(effect);
    if (!n) return OFX_REPLY_DEFAULT;
    if (!strcmp(action, "OfxImageEffectActionRender")) return render(n, in);
    if (!strcmp(action, "OfxActionInstanceChanged")) return changed(n, in);
    if (!strcmp(action, "OfxActionDestroyInstance")) return destroy(effect, n);
    if (!strcmp(action, "OfxImageEffectActionGetFramesNeeded")) return frames_needed(n, in, out);
    if (!strcmp(action, "OfxImageEffectActionGetRegionsOfInterest")) return regions(n, in, out);
    if (strcmp(action, "OfxImageEffectActionGetClipPreferences")) return OFX_REPLY_DEFAULT;
    set_number(out, "OfxImageEffectFrameVarying", 1);
    return OFX_OK;
}

static int entry(const char *action, const void *handle, ofx_props in, ofx_props out) {
    ofx_effect effect = (ofx_effect)(uintptr_t)handle;
    if (!strcmp(action, "OfxActionLoad")) return load();
    if (!ofx.props) return OFX_FAILED;
    if (!strcmp(action, "OfxActionUnload")) return unload();
    if (!strcmp(action, "OfxActionDescribe")) return describe(effect);
    if (!strcmp(action, "OfxImageEffectActionDescribeInContext")) return describe_in_context(effect, in);
    if (!strcmp(action, "OfxActionCreateInstance")) return create(effect);
    if (!strcmp(action, "OfxActionPurgeCaches")) { ff_forget_idle(); return OFX_OK; }
    return effect ? with_node(action, effect, in, out) : OFX_REPLY_DEFAULT;
}

static void set_host(ofx_host *host) { ofx.host = host; }

static ofx_plugin plugin = {"OfxImageEffectPluginAPI", 1, "com.ffvfx.facefuse", 1, 0, set_host, entry};

EXPORT int OfxGetNumberOfPlugins(void) { return 1; }
EXPORT ofx_plugin *OfxGetPlugin(int which) { return which == 0 ? &plugin : 0; }
EXPORT int OfxSetHost(ofx_host *host) {
    set_host(host);
    return OFX_OK;
}
