/* The part of the OpenFX 1.4 binary interface that this plugin uses, declared anew from its layouts and strings.
   Read by ff_ofx.c and by the test host. Orders of function pointers are facts of the interface; unused ones are void (*)(void). */
#ifndef FF_OFX_ABI_H
#define FF_OFX_ABI_H

typedef struct ofx_props *ofx_props;
typedef struct ofx_effect *ofx_effect;
typedef struct ofx_clip *ofx_clip;
typedef struct ofx_param *ofx_param;
typedef struct ofx_param_set *ofx_param_set;
typedef void (*ofx_unused)(void);
typedef struct { double x1, y1, x2, y2; } ofx_rect;

typedef struct {
    ofx_props props;
    const void *(*fetch)(ofx_props host, const char *suite, int version);
} ofx_host;

typedef struct {
    const char *api;
    int api_version;
    const char *identifier;
    unsigned major, minor;
    void (*set_host)(ofx_host *host);
    int (*main)(const char *action, const void *handle, ofx_props in, ofx_props out);
} ofx_plugin;

enum {
    OFX_OK = 0, OFX_FAILED = 1, OFX_FATAL = 2, OFX_UNKNOWN = 3, OFX_MISSING_HOST_FEATURE = 4, OFX_UNSUPPORTED = 5,
    OFX_MEMORY = 8, OFX_BAD_HANDLE = 9, OFX_BAD_INDEX = 10, OFX_REPLY_YES = 12, OFX_REPLY_NO = 13, OFX_REPLY_DEFAULT = 14
};

typedef struct {
    int (*set_pointer)(ofx_props, const char *, int, void *);
    int (*set_string)(ofx_props, const char *, int, const char *);
    int (*set_double)(ofx_props, const char *, int, double);
    int (*set_int)(ofx_props, const char *, int, int);
    ofx_unused set_pointers, set_strings;
    int (*set_doubles)(ofx_props, const char *, int, const double *);
    int (*set_ints)(ofx_props, const char *, int, const int *);
    int (*get_pointer)(ofx_props, const char *, int, void **);
    int (*get_string)(ofx_props, const char *, int, char **);
    int (*get_double)(ofx_props, const char *, int, double *);
    int (*get_int)(ofx_props, const char *, int, int *);
    ofx_unused get_pointers, get_strings;
    int (*get_doubles)(ofx_props, const char *, int, double *);
    int (*get_ints)(ofx_props, const char *, int, int *);
    ofx_unused reset, dimension;
} ofx_property_suite;

typedef struct {
    int (*property_set)(ofx_effect, ofx_props *);
    int (*param_set)(ofx_effect, ofx_param_set *);
    int (*clip_define)(ofx_effect, const char *, ofx_props *);
    int (*clip_handle)(ofx_effect, const char *, ofx_clip *, ofx_props *);
    int (*clip_property_set)(ofx_clip, ofx_props *);
    int (*clip_image)(ofx_clip, double time, const ofx_rect *, ofx_props *);
    int (*clip_release)(ofx_props);
    int (*clip_rod)(ofx_clip, double time, ofx_rect *);
    int (*abort)(ofx_effect);
    ofx_unused memory_alloc, memory_free, memory_lock, memory_unlock;
} ofx_effect_suite;

typedef struct {
    int (*define)(ofx_param_set, const char *type, const char *name, ofx_props *);
    int (*handle)(ofx_param_set, const char *name, ofx_param *, ofx_props *);
    ofx_unused set_property_set, property_set;
    int (*get)(ofx_param, ...);
    int (*get_at)(ofx_param, double time, ...);
    ofx_unused derivative, integral;
    int (*set)(ofx_param, ...);
    ofx_unused set_at, key_count, key_time, key_index, delete_key, delete_keys, copy, edit_begin, edit_end;
} ofx_param_suite;

typedef struct {
    int (*message)(void *, const char *type, const char *id, const char *format, ...);
    int (*set_persistent)(void *, const char *type, const char *id, const char *format, ...);
    int (*clear_persistent)(void *);
} ofx_message_suite;

typedef struct {
    int (*start)(void *, const char *label);
    int (*update)(void *, double done);
    int (*end)(void *);
} ofx_progress_suite;
#endif
