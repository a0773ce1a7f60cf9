/* A small OpenFX host of our own, for the tests: it loads a plugin, plays Nuke's, Resolve's, Natron's or MLT's part as
   far as what they offer and forbid is known, and does what the lines on its standard input say. What a plugin must not
   do is printed as a line that begins with "violation". Not a host for anything else. Read by tests/ofx. */
#define _GNU_SOURCE
#include "../../ofx_plugin/ff_ofx_abi.h"
#include <dlfcn.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROPS = 64, MOST_PARAMS = 160, MOST_FRAMES = 64, MOST_THREADS = 16 };
typedef struct { char *name; int index, kind; void *pointer; char *text; double number; } one_prop;
struct ofx_props { one_prop *all; int count, room; void *memory; };
struct ofx_param { char name[64], type[32]; struct ofx_props props; double number, slope; char text[2048]; ofx_effect owner; };
struct ofx_param_set { struct ofx_param *all; int count; };
struct ofx_clip { char name[32]; struct ofx_props props; };
struct ofx_effect { struct ofx_props props; struct ofx_param_set params; struct ofx_clip clips[4]; int clip_count; double began; };

typedef struct { const char *key, *name; int temporal, messages, progress, groups, main_thread_sets, display_needed, fresh; } profile;
static const profile profiles[] = {
    {"nuke", "uk.co.thefoundry.nuke", 1, 2, 1, 1, 1, 0, 0},
    {"resolve", "DaVinciResolve", 1, 3, 0, 1, 0, 1, 0}, /* 3: pointers that lead nowhere */
    {"natron", "fr.inria.Natron", 1, 2, 1, 1, 0, 0, 0},
    {"mlt", "MLT", 0, 0, 0, 0, 0, 0, 1},
};
static const profile *as;
static int size[2] = {64, 36}, window[4], whole_window = 1, negative, padding, matte_on, images_out, in_render, cancel_at = -1, has_source = 1;
static double scale = 1.0, abort_after, matte_value = 1.0;
static char depth[64] = "Float", source[3000];
static pthread_t main_thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ofx_effect described;
static ofx_plugin *plugin;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static void tell(const char *format, ...) {
    va_list list;
    va_start(list, format);
    pthread_mutex_lock(&lock);
    vprintf(format, list);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&lock);
    va_end(list);
}

/* -- properties */
static one_prop *find(ofx_props p, const char *name, int index) {
    for (int i = 0; p && i < p->count; i++)
        if (p->all[i].index == index && !strcmp(p->all[i].name, name)) return p->all + i;
    return 0;
}
static one_prop *make(ofx_props p, const char *name, int index) {
    one_prop *one = find(p, name, index);
    if (one) return one;
    if (p->count == p->room) p->all = realloc(p->all, sizeof *p->all * (size_t)(p->room = 2 * p->room + 8));
    one = p->all + p->count++;
    *one = (one_prop){strdup(name), index, 0, 0, 0, 0};
    return one;
}
static void clear(ofx_props p) {
    for (int i = 0; i < p->count; i++) { free(p->all[i].name); free(p->all[i].text); }
    free(p->all);
    *p = (struct ofx_props){0};
}
static int set_pointer(ofx_props p, const char *n, int i, void *v) { if (!p) return OFX_BAD_HANDLE; make(p, n, i)->pointer = v; return OFX_OK; }
static int set_string(ofx_props p, const char *n, int i, const char *v) {
    if (!p) return OFX_BAD_HANDLE;
    if (!as->groups && !strcmp(n, "OfxParamPropHint")) return OFX_UNKNOWN;
    one_prop *one = make(p, n, i);
    free(one->text);
    one->text = strdup(v);
    return OFX_OK;
}
static int set_double(ofx_props p, const char *n, int i, double v) { if (!p) return OFX_BAD_HANDLE; make(p, n, i)->number = v; return OFX_OK; }
static int set_int(ofx_props p, const char *n, int i, int v) { return set_double(p, n, i, v); }
static int get_pointer(ofx_props p, const char *n, int i, void **v) { one_prop *o = find(p, n, i); if (!o) return OFX_UNKNOWN; *v = o->pointer; return OFX_OK; }
static int get_string(ofx_props p, const char *n, int i, char **v) { one_prop *o = find(p, n, i); if (!o) return OFX_UNKNOWN; *v = o->text; return OFX_OK; }
static int get_double(ofx_props p, const char *n, int i, double *v) { one_prop *o = find(p, n, i); if (!o) return OFX_UNKNOWN; *v = o->number; return OFX_OK; }
static int get_int(ofx_props p, const char *n, int i, int *v) { one_prop *o = find(p, n, i); if (!o) return OFX_UNKNOWN; *v = (int)o->number; return OFX_OK; }
static void not_offered(void) { tell("violation: a function was called that no plugin of ours should need"); }
static const ofx_property_suite property_suite = {set_pointer, set_string, set_double, set_int, not_offered, not_offered, 0, 0,
                                                  get_pointer, get_string, get_double, get_int, not_offered, not_offered, 0, 0, not_offered, not_offered};

/* -- effects, clips, pictures */
static int component_bytes(void) { return *depth == 'F' ? 4 : *depth == 'B' ? 1 : 2; }
static uint16_t half_of(float v) { uint16_t h; _Float16 x = (_Float16)v; memcpy(&h, &x, 2); return h; }
static void put(uint8_t *to, float v) {
    float c = v < 0 ? 0 : v > 1 ? 1 : v;
    uint16_t s = *depth == 'H' ? half_of(v) : (uint16_t)(c * 65535 + 0.5f);
    if (*depth == 'F') memcpy(to, &v, 4);
    else if (*depth == 'B') *to = (uint8_t)(c * 255 + 0.5f);
    else memcpy(to, &s, 2);
}
static float synthetic(int x, int y, int c, double t) { return c == 3 ? 1.0f : (float)(x * 7 + y * 13 + c * 29 + (int)t * 3) / 512.0f - 0.25f; }
static void paint(uint8_t *first, int row, int w, int h, int channels, double t) {
    float *file = 0;
    if (*source && channels == 4) {
        char path[3100];
        snprintf(path, sizeof path, source, (int)t);
        FILE *stream = fopen(path, "rb");
        file = malloc((size_t)w * (size_t)h * 16);
        if (!stream || fread(file, 16, (size_t)w * (size_t)h, stream) != (size_t)w * (size_t)h) { tell("violation: no %s", path); exit(3); }
        fclose(stream);
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < channels; c++) {
                float v = channels == 1 ? (x < w / 2 ? (float)matte_value : 0.0f) : file ? file[((size_t)y * (size_t)w + (size_t)x) * 4 + (size_t)c] : synthetic(x, y, c, t);
                put(first + (int64_t)y * row + (x * channels + c) * component_bytes(), v);
            }
    free(file);
}
static ofx_props picture(int channels, int filled, double t) {
    int w = (int)ceil(size[0] * scale), h = (int)ceil(size[1] * scale), close = w * channels * component_bytes();
    int row = close + (channels == 4 ? padding : 0);
    struct ofx_props *p = calloc(1, sizeof *p);
    size_t bytes = (size_t)row * (size_t)(h - 1) + (size_t)close; /* exactly: address sanitizer sees a byte too far */
    uint8_t *memory = malloc(bytes), *first = memory;
    memset(memory, 0x77, bytes);
    if (negative) { first = memory + (size_t)row * (size_t)(h - 1); row = -row; }
    p->memory = memory;
    const int bounds[] = {0, 0, w, h};
    for (int i = 0; i < 4; i++) { set_int(p, "OfxImagePropBounds", i, bounds[i]); set_int(p, "OfxImagePropRegionOfDefinition", i, bounds[i]); }
    char name[64];
    snprintf(name, sizeof name, "OfxBitDepth%.40s", depth);
    set_string(p, "OfxImageEffectPropPixelDepth", 0, name);
    set_string(p, "OfxImageEffectPropComponents", 0, channels == 4 ? "OfxImageComponentRGBA" : "OfxImageComponentAlpha");
    set_pointer(p, "OfxImagePropData", 0, first);
    set_int(p, "OfxImagePropRowBytes", 0, row);
    set_double(p, "OfxImagePropPixelAspectRatio", 0, 1.0);
    if (filled) paint(first, row, w, h, channels, t);
    return p;
}
static void drop(ofx_props p) { free(p->memory); clear(p); free(p); }
static __thread ofx_props lent_output, lent_source;
static int effect_props(ofx_effect e, ofx_props *p) { *p = &e->props; return OFX_OK; }
static int effect_params(ofx_effect e, ofx_param_set *s) { *s = &e->params; return OFX_OK; }
static int clip_define(ofx_effect e, const char *n, ofx_props *p) {
    struct ofx_clip *c = e->clips + e->clip_count++;
    snprintf(c->name, sizeof c->name, "%s", n);
    *p = &c->props;
    return OFX_OK;
}
static int clip_handle(ofx_effect e, const char *n, ofx_clip *c, ofx_props *p) {
    for (int i = 0; i < described.clip_count; i++)
        if (!strcmp(described.clips[i].name, n)) { *c = described.clips + i; if (p) *p = &(*c)->props; return OFX_OK; }
    (void)e;
    return OFX_BAD_HANDLE;
}
static int clip_props(ofx_clip c, ofx_props *p) { *p = &c->props; return OFX_OK; }
static int clip_image(ofx_clip c, double t, const ofx_rect *r, ofx_props *p) {
    (void)r;
    *p = 0;
    if (!in_render) tell("violation: clipGetImage outside of render");
    if (!strcmp(c->name, "Matte") && !matte_on) return as->display_needed ? OFX_OK : OFX_FAILED; /* Resolve: connected, and NULL */
    if (!strcmp(c->name, "Source") && !has_source) return OFX_FAILED;
    pthread_mutex_lock(&lock);
    images_out++;
    pthread_mutex_unlock(&lock);
    if (!strcmp(c->name, "Output")) { *p = lent_output; return OFX_OK; }
    if (!strcmp(c->name, "Source") && lent_source) { *p = lent_source; return OFX_OK; }
    *p = picture(!strcmp(c->name, "Matte") ? 1 : 4, 1, t);
    return OFX_OK;
}
static int clip_release(ofx_props p) {
    pthread_mutex_lock(&lock);
    images_out--;
    pthread_mutex_unlock(&lock);
    if (p != lent_output && p != lent_source) drop(p);
    return OFX_OK;
}
static int clip_rod(ofx_clip c, double t, ofx_rect *r) { (void)c, (void)t; *r = (ofx_rect){0, 0, size[0], size[1]}; return OFX_OK; }
static int aborted(ofx_effect e) { return abort_after > 0 && now() > e->began + abort_after; }
static const ofx_effect_suite effect_suite = {effect_props, effect_params, clip_define, clip_handle, clip_props, clip_image, clip_release, clip_rod, aborted,
                                              not_offered, not_offered, not_offered, not_offered};

/* -- parameters */
static int param_define(ofx_param_set s, const char *type, const char *name, ofx_props *p) {
    const char *kind = type + 12;
    if (strstr(type, "2D") || strstr(type, "3D")) tell("violation: Integer2D and the like crash Resolve");
    if (!as->groups && (!strcmp(kind, "Group") || !strcmp(kind, "Page") || !strcmp(kind, "PushButton"))) return OFX_UNSUPPORTED;
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->all[i].name, name)) tell("violation: parameter %s is there twice", name);
    if (!s->all) s->all = calloc(MOST_PARAMS, sizeof *s->all);
    struct ofx_param *one = s->all + s->count++;
    snprintf(one->name, sizeof one->name, "%s", name);
    snprintf(one->type, sizeof one->type, "%s", kind);
    *p = &one->props;
    return OFX_OK;
}
static int param_handle(ofx_param_set s, const char *name, ofx_param *p, ofx_props *props) {
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->all[i].name, name)) { *p = s->all + i; if (props) *props = &(*p)->props; return OFX_OK; }
    return OFX_UNKNOWN;
}
static int give_value(ofx_param p, double number, va_list list) {
    if (!strcmp(p->type, "Double")) *va_arg(list, double *) = number;
    else if (!strcmp(p->type, "String")) *va_arg(list, char **) = p->text;
    else *va_arg(list, int *) = (int)number;
    return OFX_OK;
}
static int param_get(ofx_param p, ...) {
    va_list list;
    va_start(list, p);
    if (in_render && p->slope != 0) tell("violation: a keyed control was read without a time");
    int status = give_value(p, p->number, list);
    va_end(list);
    return status;
}
static int param_get_at(ofx_param p, double t, ...) {
    va_list list;
    va_start(list, t);
    if (!in_render) tell("violation: a control was read at a time outside of render");
    int status = give_value(p, p->number + p->slope * (t - 1001), list);
    va_end(list);
    return status;
}
static void tell_changed(ofx_effect e, const char *name, const char *reason);
static int param_set(ofx_param p, ...) {
    va_list list;
    va_start(list, p);
    if (as->main_thread_sets && (!pthread_equal(pthread_self(), main_thread) || in_render)) tell("violation: paramSetValue outside of the main thread");
    if (!strcmp(p->type, "Double")) p->number = va_arg(list, double);
    else if (!strcmp(p->type, "String")) snprintf(p->text, sizeof p->text, "%s", va_arg(list, char *));
    else p->number = va_arg(list, int);
    va_end(list);
    if (strcmp(p->type, "String")) tell("param %s %.17g", p->name, p->number);
    else tell("param %s %s", p->name, p->text);
    if (p->owner) tell_changed(p->owner, p->name, "OfxChangePluginEdited"); /* as a host does, from within */
    return OFX_OK;
}
static const ofx_param_suite param_suite = {param_define, param_handle, not_offered, not_offered, param_get, param_get_at, not_offered, not_offered, param_set,
                                            not_offered, not_offered, not_offered, not_offered, not_offered, not_offered, not_offered, not_offered, not_offered};

/* -- messages, progress, the host */
static int message(void *e, const char *type, const char *id, const char *format, ...) { (void)e, (void)type, (void)id, (void)format; return OFX_OK; }
static int set_persistent(void *e, const char *type, const char *id, const char *format, ...) {
    char text[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)e, (void)type, (void)id;
    tell("message %s", text);
    return OFX_OK;
}
static int clear_persistent(void *e) { (void)e; tell("message cleared"); return OFX_OK; }
static const ofx_message_suite message_suite = {message, set_persistent, clear_persistent}, nowhere = {(void *)8, (void *)8, (void *)8};
static int updates;
static int progress_start(void *e, const char *label) { (void)e; updates = 0; tell("progress %s", label); return OFX_OK; }
static int progress_update(void *e, double part) {
    (void)e;
    if (!(part >= 0 && part <= 1)) tell("violation: progress of %g", part);
    return cancel_at >= 0 && updates++ >= cancel_at ? OFX_REPLY_NO : OFX_OK;
}
static int progress_end(void *e) { (void)e; tell("progress end"); return OFX_OK; }
static const ofx_progress_suite progress_suite = {progress_start, progress_update, progress_end};
static int loaded;
static const void *fetch(ofx_props host, const char *suite, int version) {
    (void)host;
    if (!loaded) tell("violation: a suite was fetched before load");
    if (!strcmp(suite, "OfxPropertySuite")) return &property_suite;
    if (!strcmp(suite, "OfxImageEffectSuite")) return &effect_suite;
    if (!strcmp(suite, "OfxParameterSuite")) return &param_suite;
    if (!strcmp(suite, "OfxMessageSuite") && as->messages) return as->messages == 3 ? &nowhere : &message_suite;
    if (!strcmp(suite, "OfxProgressSuite") && as->progress && version == 1) return &progress_suite;
    return 0;
}
static struct ofx_props host_props;
static ofx_host host = {&host_props, fetch};

/* -- what the lines say */
static int act(const char *action, ofx_effect e, ofx_props in, ofx_props out) {
    struct ofx_props none = {0}, gives = {0};
    int status = plugin->main(action, e, in ? in : &none, out ? out : &gives);
    clear(&gives);
    return status;
}
static double default_of(ofx_param p) { one_prop *o = find(&p->props, "OfxParamPropDefault", 0); return o ? o->number : 0; }
static ofx_effect create(void) {
    struct ofx_effect *e = calloc(1, sizeof *e);
    e->params.count = described.params.count;
    e->params.all = calloc(MOST_PARAMS, sizeof *e->params.all);
    for (int i = 0; i < e->params.count; i++) {
        struct ofx_param *from = described.params.all + i, *to = e->params.all + i;
        memcpy(to->name, from->name, sizeof to->name);
        memcpy(to->type, from->type, sizeof to->type);
        to->number = from->number;
        to->owner = e;
        memcpy(to->text, from->text, sizeof to->text);
    }
    int status = act("OfxActionCreateInstance", e, 0, 0);
    if (status) tell("violation: create gives %d", status);
    return e;
}
static void destroy(ofx_effect e) {
    act("OfxActionDestroyInstance", e, 0, 0);
    for (int i = 0; i < e->params.count; i++) clear(&e->params.all[i].props);
    free(e->params.all);
    clear(&e->props);
    free(e);
}
static int render(ofx_effect e, double t, uint8_t **bytes, size_t *count, double *seconds) {
    struct ofx_props in = {0};
    int w = (int)ceil(size[0] * scale), h = (int)ceil(size[1] * scale), win[4] = {0, 0, w, h}, row = 0;
    if (!whole_window) memcpy(win, window, sizeof win);
    set_double(&in, "OfxPropTime", 0, t);
    for (int i = 0; i < 4; i++) set_int(&in, "OfxImageEffectPropRenderWindow", i, win[i]);
    for (int i = 0; i < 2; i++) set_double(&in, "OfxImageEffectPropRenderScale", i, scale);
    set_string(&in, "OfxImageEffectPropFieldToRender", 0, "OfxFieldNone");
    act("OfxImageEffectActionGetRegionsOfInterest", e, &in, 0);
    act("OfxImageEffectActionGetFramesNeeded", e, &in, 0);
    act("OfxImageEffectActionIsIdentity", e, &in, 0);
    act("OfxImageEffectActionBeginSequenceRender", e, &in, 0);
    lent_output = picture(4, 0, t);
    if (seconds) lent_source = picture(4, 1, t);
    pthread_mutex_lock(&lock);
    in_render++;
    pthread_mutex_unlock(&lock);
    e->began = now();
    int status = act("OfxImageEffectActionRender", e, &in, 0);
    if (seconds) *seconds = now() - e->began;
    pthread_mutex_lock(&lock);
    in_render--;
    pthread_mutex_unlock(&lock);
    act("OfxImageEffectActionEndSequenceRender", e, &in, 0);
    void *first = 0;
    get_pointer(lent_output, "OfxImagePropData", 0, &first);
    get_int(lent_output, "OfxImagePropRowBytes", 0, &row);
    *count = (size_t)(w * h * 4 * component_bytes());
    *bytes = malloc(*count);
    for (int y = 0; y < h; y++) memcpy(*bytes + (size_t)y * *count / (size_t)h, (uint8_t *)first + (int64_t)y * row, *count / (size_t)h);
    drop(lent_output);
    if (seconds) drop(lent_source);
    lent_output = lent_source = 0;
    clear(&in);
    return status;
}

typedef struct { ofx_effect e; int first, count, bad; uint8_t **truth; } worker;
static void *many(void *given) {
    worker *w = given;
    for (int i = 0; i < w->count; i++) {
        uint8_t *bytes;
        size_t count;
        int which = (w->first + i) % w->count;
        int status = render(w->e, 1001 + which, &bytes, &count, 0);
        w->bad += status || memcmp(bytes, w->truth[which], count);
        free(bytes);
    }
    return 0;
}
static void threads(int many_threads, int count, int shared, ofx_effect one) {
    uint8_t *truth[MOST_FRAMES];
    worker all[MOST_THREADS] = {{0}};
    pthread_t running[MOST_THREADS];
    size_t bytes;
    int bad = 0;
    for (int i = 0; i < count; i++) bad += render(one, 1001 + i, truth + i, &bytes, 0);
    for (int i = 0; i < many_threads; i++) {
        all[i] = (worker){shared ? one : create(), i, count, 0, truth};
        pthread_create(running + i, 0, many, all + i);
    }
    for (int i = 0; i < many_threads; i++) {
        pthread_join(running[i], 0);
        bad += all[i].bad;
        if (!shared) destroy(all[i].e);
    }
    for (int i = 0; i < count; i++) free(truth[i]);
    tell("threads %d bad %d", many_threads, bad);
}
static int by_size(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return x < y ? -1 : x > y; }
static void bench(ofx_effect e, int count) {
    double renders[64], copies[64];
    size_t bytes;
    uint8_t *out, *from, *to;
    render(e, 1001, &out, &bytes, renders);
    free(out);
    from = malloc(bytes), to = malloc(bytes);
    memset(from, 1, bytes), memset(to, 2, bytes);
    for (int i = 0; i < count; i++) {
        render(e, 1001 + i, &out, &bytes, renders + i);
        free(out);
        double began = now();
        memcpy(i % 2 ? from : to, i % 2 ? to : from, bytes);
        copies[i] = now() - began;
    }
    qsort(renders, (size_t)count, sizeof *renders, by_size);
    qsort(copies, (size_t)count, sizeof *copies, by_size);
    tell("bench bytes %zu render %.6f copy %.6f ratio %.3f quickest %.3f", bytes, renders[count / 2], copies[count / 2],
         renders[count / 2] / copies[count / 2], renders[0] / copies[0]);
    free(from), free(to);
}
static int depth_of_changes;
static void tell_changed(ofx_effect e, const char *name, const char *reason) {
    struct ofx_props in = {0};
    if (++depth_of_changes > 8) { tell("violation: what it sets itself makes it set again, without end"); exit(3); }
    set_string(&in, "OfxPropType", 0, "OfxTypeParameter");
    set_string(&in, "OfxPropName", 0, name);
    set_string(&in, "OfxPropChangeReason", 0, reason);
    set_double(&in, "OfxPropTime", 0, 1001);
    int status = act("OfxActionInstanceChanged", e, &in, 0);
    if (!strcmp(reason, "OfxChangeUserEdited")) tell("pressed %s %d", name, status);
    depth_of_changes--;
    clear(&in);
}
static void check_ranges(void) {
    for (int i = 0; i < described.params.count && as->display_needed; i++) {
        struct ofx_param *p = described.params.all + i;
        if (strcmp(p->type, "Double") && strcmp(p->type, "Integer")) continue;
        static const char *const names[] = {"OfxParamPropMin", "OfxParamPropMax", "OfxParamPropDisplayMin", "OfxParamPropDisplayMax"};
        for (int j = 0; j < 4; j++)
            if (!find(&p->props, names[j], 0)) tell("violation: %s has no %s: Resolve clamps it", p->name, names[j]);
    }
}
static void describe(void) {
    struct ofx_props in = {0};
    set_string(&in, "OfxImageEffectPropContext", 0, "OfxImageEffectContextFilter");
    loaded = 1;
    plugin->set_host(&host);
    int a = act("OfxActionLoad", 0, 0, 0), b = act("OfxActionDescribe", &described, 0, 0);
    int c = act("OfxImageEffectActionDescribeInContext", &described, &in, 0);
    tell("described %d %d %d", a, b, c);
    clear(&in);
    check_ranges();
    for (int i = 0; i < described.params.count; i++) {
        struct ofx_param *p = described.params.all + i;
        one_prop *text = find(&p->props, "OfxParamPropDefault", 0), *parent = find(&p->props, "OfxParamPropParent", 0);
        p->number = default_of(p);
        snprintf(p->text, sizeof p->text, "%s", text && text->text ? text->text : "");
        one_prop *animates = find(&p->props, "OfxParamPropAnimates", 0);
        tell("control %s %s %s %d", p->name, p->type, parent && parent->text ? parent->text : "-", !animates || animates->number != 0);
    }
}
static void set_param(struct ofx_param_set *s, const char *name, const char *value) {
    ofx_param p;
    if (param_handle(s, name, &p, 0)) { tell("violation: no parameter %s", name); return; }
    p->number = atof(value);
    snprintf(p->text, sizeof p->text, "%s", value);
}
static void obey(char *line, ofx_effect *one) {
    char word[32] = "", rest[3000] = "", name[64] = "", value[2048] = "";
    double number = 0;
    sscanf(line, "%31s %2999[^\n]", word, rest);
    if (sscanf(rest, "%63s %2047[^\n]", name, value) < 1) *name = 0;
    number = atof(rest);
    if (!strcmp(word, "set")) { set_param(&described.params, name, value); if (*one) set_param(&(*one)->params, name, value); }
    else if (!strcmp(word, "slope")) { ofx_param p; if (!param_handle(&(*one)->params, name, &p, 0)) p->slope = atof(value); }
    else if (!strcmp(word, "size")) sscanf(rest, "%d %d", size, size + 1);
    else if (!strcmp(word, "depth")) snprintf(depth, sizeof depth, "%s", name);
    else if (!strcmp(word, "negative")) negative = (int)number;
    else if (!strcmp(word, "padding")) padding = (int)number;
    else if (!strcmp(word, "scale")) scale = number;
    else if (!strcmp(word, "source")) snprintf(source, sizeof source, "%s", rest);
    else if (!strcmp(word, "nosource")) has_source = 0;
    else if (!strcmp(word, "matte")) { matte_on = number >= 0; matte_value = number; }
    else if (!strcmp(word, "abort")) abort_after = number;
    else if (!strcmp(word, "cancel_at")) cancel_at = (int)number;
    else if (!strcmp(word, "window")) whole_window = sscanf(rest, "%d %d %d %d", window, window + 1, window + 2, window + 3) != 4;
    else if (!strcmp(word, "create")) *one = create();
    else if (!strcmp(word, "destroy")) { destroy(*one); *one = 0; }
    else if (!strcmp(word, "press")) tell_changed(*one, name, "OfxChangeUserEdited");
    else if (!strcmp(word, "purge")) act("OfxActionPurgeCaches", *one, 0, 0);
    else if (!strcmp(word, "sleep")) usleep((useconds_t)(number * 1e6));
    else if (!strcmp(word, "bench")) bench(*one, (int)number);
    else if (!strcmp(word, "threads")) threads(atoi(name), atoi(value), 0, *one);
    else if (!strcmp(word, "shared")) threads(atoi(name), atoi(value), 1, *one);
    else if (!strcmp(word, "render")) {
        uint8_t *bytes;
        size_t count;
        if (as->fresh && *one) { destroy(*one); *one = create(); } /* MLT makes instances anew each frame */
        double began = now();
        int status = render(*one, atof(name), &bytes, &count, 0);
        FILE *stream = *value ? fopen(value, "wb") : 0;
        if (stream) { fwrite(bytes, 1, count, stream); fclose(stream); }
        free(bytes);
        tell("rendered %s %d %.3f", name, status, now() - began);
    } else if (*word) tell("violation: the test says '%s'", word);
    if (images_out && !in_render) { tell("violation: %d pictures were not released", images_out); images_out = 0; }
}

int main(int count, char **words) {
    char line[4096];
    ofx_effect one = 0;
    main_thread = pthread_self();
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (count == 3 && !strcmp(words[2], profiles[i].key)) as = profiles + i;
    void *library = as ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL) : 0;
    if (!library) { fprintf(stderr, "host PLUGIN PROFILE: %s\n", as ? dlerror() : "no such profile"); return 2; }
    int (*number)(void) = (int (*)(void))dlsym(library, "OfxGetNumberOfPlugins");
    ofx_plugin *(*get)(int) = (ofx_plugin * (*)(int)) dlsym(library, "OfxGetPlugin");
    int (*set_host)(ofx_host *) = (int (*)(ofx_host *))dlsym(library, "OfxSetHost");
    set_string(&host_props, "OfxPropName", 0, as->name);
    set_int(&host_props, "OfxImageEffectPropTemporalClipAccess", 0, as->temporal);
    if (as->messages == 2) /* these two hosts animate everything; of Resolve it is not known, MLT says nothing */
        for (int i = 0; i < 3; i++) {
            static const char *const kinds[] = {"Boolean", "Choice", "String"};
            char name[64];
            snprintf(name, sizeof name, "OfxParamHostPropSupports%sAnimation", kinds[i]);
            set_int(&host_props, name, 0, i < 2 || as->progress);
        }
    if (set_host && as->temporal) set_host(&host);
    plugin = number() == 1 && !get(1) && !get(-1) ? get(0) : 0;
    if (!plugin) { tell("violation: not one plugin"); return 2; }
    tell("plugin %s %u.%u %s", plugin->identifier, plugin->major, plugin->minor, plugin->api);
    describe();
    while (fgets(line, sizeof line, stdin)) obey(line, &one);
    if (one) destroy(one);
    tell("unloaded %d", act("OfxActionUnload", 0, 0, 0));
    for (int i = 0; i < described.params.count; i++) clear(&described.params.all[i].props);
    for (int i = 0; i < described.clip_count; i++) clear(&described.clips[i].props);
    free(described.params.all);
    clear(&described.props);
    clear(&host_props);
    if (images_out) tell("violation: %d pictures were not released", images_out);
    return 0;
}
