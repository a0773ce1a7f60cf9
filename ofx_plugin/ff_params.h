/* Made by ofx_plugin/make_params.py from ff_vfx/door/hosts/params.py; do not edit here. */
#ifndef FF_PARAMS_H
#define FF_PARAMS_H
enum { FF_DOUBLE, FF_INT, FF_BOOL, FF_CHOICE, FF_STRING, FF_FILE, FF_FOLDER };
enum { FF_AS_VALUE, FF_AS_TEXT, FF_AS_JSON, FF_AS_LIST, FF_AS_NONE };
/* number: the default of numbers and truths, the index of a choice's; low to high: the range; shown: a slider's. */
typedef struct {
    const char *name, *field, *group, *label, *hint, *text;
    int kind, written;
    double number, low, high, shown_low, shown_high;
    const char *const *choices;
} ff_param;
typedef struct { const char *name, *label, *hint; } ff_button;

static const char *const ff_choices_host_output[] = {"result", "face", "matte", "raw", "st", "motion", "confidence", 0};
static const char *const ff_choices_host_on_error[] = {"error", "source", 0};
static const char *const ff_choices_host_pixels[] = {"frame", "frames", "files", 0};
static const char *const ff_choices_host_format[] = {"auto", "plate", "input", 0};
static const char *const ff_choices_host_export_format[] = {"nuke-tracker", "nuke-cornerpin", "nuke-roto", "nuke-roto-script", "nuke-roto-json", "fusion-tracker", "fusion-cornerpin", "fusion-polygon", 0};
static const char *const ff_choices_job_preset[] = {"live", "post", 0};
static const char *const ff_choices_track_tiles[] = {"auto", "never", "always", 0};
static const char *const ff_choices_track_smoother[] = {"zero_phase", "one_euro", "none", 0};
static const char *const ff_choices_enhance_look[] = {"natural", "crisp", "cinematic", 0};
static const char *const ff_choices_steady_merge[] = {"window", "attention", "median", 0};
static const char *const ff_choices_steady_flow[] = {"fast", "medium", "fine", "finest", "network", 0};
static const char *const ff_choices_composite_eyes[] = {"performer", "plate", 0};
static const char *const ff_choices_composite_mouth[] = {"auto", "plate", "performer", 0};
static const char *const ff_choices_output_layers[] = {"all", "face", 0};
static const char *const ff_choices_output_compression[] = {"none", "zips", "zip", "piz", 0};
static const char *const ff_choices_output_mark_key[] = {"public", "studio", 0};
static const char *const ff_choices_output_c2pa[] = {"none", "sequence", "frames", 0};
static const ff_param ff_params[] = {
    {"host_output", "output", "host", "Output", "What this node gives; nodes of one job share all work.", "", FF_CHOICE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_host_output},
    {"host_use_matte", "use_matte", "host", "Use matte", "Multiply what is new by the Matte input.", "", FF_BOOL, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"host_on_error", "on_error", "host", "On error", "A frame that fails: an error, or the source and a message.", "", FF_CHOICE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_host_on_error},
    {"host_frame_offset", "frame_offset", "host", "Frame offset", "Added to the host's frame number; gives the plate's own.", "", FF_INT, FF_AS_NONE, 0.0, -1000000.0, 1000000.0, -2000.0, 2000.0, 0},
    {"host_pixels", "pixels", "host", "Pixels", "From the host: this frame, this and its neighbours, or none; the rest is read from the plate's files.", "", FF_CHOICE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_host_pixels},
    {"host_format", "format", "host", "Format", "Size of the host's pictures: the plate's, or the input's own where the host has scaled it.", "", FF_CHOICE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_host_format},
    {"host_colour", "colour", "host", "Colour", "OCIO space of the pixels; empty: the plate's.", "", FF_STRING, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"host_worker", "worker", "host", "Worker", "Name of the worker; another for each GPU.", "main", FF_STRING, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"host_timeout_s", "timeout_s", "host", "Timeout", "Longest wait for one frame, s; 0: no end.", "", FF_DOUBLE, FF_AS_NONE, 600.0, 0.0, 86400.0, 0.0, 3600.0, 0},
    {"host_export_format", "export_format", "host", "Export format", "What Export writes: docs/exports.md.", "", FF_CHOICE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_host_export_format},
    {"host_export_file", "export_file", "host", "Export file", "Where Export writes.", "", FF_FILE, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"host_export_overwrite", "export_overwrite", "host", "Overwrite", "Export may replace a file.", "", FF_BOOL, FF_AS_NONE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_preset", "preset", "job", "Preset", "post: best; live: fast, and frames depend on their order.", "", FF_CHOICE, FF_AS_VALUE, 1.0, 0.0, 0.0, 0.0, 0.0, ff_choices_job_preset},
    {"job_plate", "plate", "job", "Plate", "Sequence pattern or movie.", "", FF_FILE, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_performer", "performer", "job", "Performer", "Folder of stills of the performer.", "", FF_FOLDER, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_cast", "cast", "job", "Cast", "Several people, each with a performer; instead of performer, face. JSON: a list of objects.", "", FF_STRING, FF_AS_JSON, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_swapper", "swapper", "job", "Swapper", "Manifest of a swapper network, or its name; empty: stills on a mesh.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_solve", "solve", "job", "Solve", "Solve file; made first when empty.", "", FF_FILE, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_face", "face", "job", "Face", "Whose face in the plate: largest, number, 'x,y' or a still.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_matte", "matte", "job", "Matte", "The artist's own matte sequence; wins over ours.", "", FF_FILE, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_plate_colour", "plate_colour", "job", "Plate colour", "OCIO colour space of the plate; empty: from the file, or ask.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_stills_colour", "stills_colour", "job", "Stills colour", "OCIO colour space of the stills; empty: from each file.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_models", "models", "job", "Models", "Model folder; empty: the user's.", "", FF_FOLDER, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_pack", "pack", "job", "Pack", "Folder of an insightface pack: detector, landmarks and recogniser come from it.", "", FF_FOLDER, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_device", "device", "job", "Device", "cpu, cuda, cuda:1, 'cuda:0,cuda:1', cuda/tensorrt/fp16; empty: the CPU.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_project", "project", "job", "Project", "Project the picture is made for; consent is given for projects.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_shot", "shot", "job", "Shot", "Name of the shot; a consent may hold for some shots only.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_use", "use", "job", "Use", "What the picture is for, as the consent calls it: theatrical, trailer, test.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_territory", "territory", "job", "Territory", "Where it will be shown, as the consent calls it: worldwide, EU, US.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_consent", "consent", "job", "Consent", "Consent record, or a folder of them; those beside the stills count too.", "", FF_FOLDER, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"job_label", "label", "job", "Label", "Visible label of movies and sheets; empty: AI-GENERATED on those to watch; 'none': on none.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"track_confidence", "confidence", "track", "Confidence", "Lowest detector score that counts as a face, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 0.5, 0.0, 1.0, 0.0, 1.0, 0},
    {"track_tiles", "tiles", "track", "Tiles", "Search in overlapping tiles for small faces.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_track_tiles},
    {"track_max_faces", "max_faces", "track", "Max faces", "Most people followed at once.", "", FF_INT, FF_AS_VALUE, 4.0, 1.0, 32.0, 1.0, 32.0, 0},
    {"track_crop_variants", "crop_variants", "track", "Crop variants", "Fixed crops averaged a frame: more is steadier and slower.", "", FF_INT, FF_AS_VALUE, 8.0, 1.0, 16.0, 1.0, 16.0, 0},
    {"track_smoother", "smoother", "track", "Smoother", "Over the whole shot and led by its motion; from the past alone (live); or raw.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_track_smoother},
    {"track_min_cutoff_hz", "min_cutoff_hz", "track", "Min cutoff Hz", "one_euro at rest: lower is firmer and lags, Hz.", "", FF_DOUBLE, FF_AS_VALUE, 2.0, 0.001, 100.0, 0.001, 100.0, 0},
    {"track_beta", "beta", "track", "Beta", "one_euro in motion: Hz gained at one face height a second.", "", FF_DOUBLE, FF_AS_VALUE, 10.0, 0.0, 1000.0, 0.0, 1000.0, 0},
    {"track_flow_sigma_px", "flow_sigma_px", "track", "Flow sigma px", "Trust in the plate's own motion, px rms.", "", FF_DOUBLE, FF_AS_VALUE, 0.2, 0.001, 5.0, 0.001, 5.0, 0},
    {"track_landmark_sigma_px", "landmark_sigma_px", "track", "Landmark sigma px", "Expected detection noise, px rms.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.001, 20.0, 0.001, 20.0, 0},
    {"track_hold_frames", "hold_frames", "track", "Hold frames", "Longest gap bridged from both sides, frames.", "", FF_INT, FF_AS_VALUE, 6.0, 0.0, 100.0, 0.0, 100.0, 0},
    {"track_ramp_frames", "ramp_frames", "track", "Ramp frames", "Fade in and out beside a longer gap, frames.", "", FF_INT, FF_AS_VALUE, 3.0, 0.0, 50.0, 0.0, 50.0, 0},
    {"track_cut_threshold", "cut_threshold", "track", "Cut threshold", "Picture change that counts as a hard cut, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 0.5, 0.001, 1.0, 0.001, 1.0, 0},
    {"track_detector", "detector", "track", "Detector", "Name of a face detector model; empty: the pack's, else the embedded one.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"track_detector_px", "detector_px", "track", "Detector px", "Side of the picture such a detector is shown, px.", "", FF_INT, FF_AS_VALUE, 640.0, 128.0, 2048.0, 128.0, 2048.0, 0},
    {"track_recogniser", "recogniser", "track", "Recogniser", "Name of a recogniser model; empty: the pack's, else none.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"track_same_person", "same_person", "track", "Same person", "Cosine of embeddings from which two faces are one person.", "", FF_DOUBLE, FF_AS_VALUE, 0.35, -1.0, 1.0, -1.0, 1.0, 0},
    {"track_agreement", "agreement", "track", "Agreement", "How far two landmark networks may disagree, parts of the eyes' distance.", "", FF_DOUBLE, FF_AS_VALUE, 0.15, 0.001, 1.0, 0.001, 1.0, 0},
    {"fuse_crop_px", "crop_px", "fuse", "Crop px", "Crop side in px; 0 chooses from the face's size for the shot.", "", FF_INT, FF_AS_VALUE, 0.0, 0.0, 2048.0, 0.0, 2048.0, 0},
    {"fuse_detail", "detail", "fuse", "Detail", "Crop px a plate px, where crop_px is 0: below 1.25 is faster and softer.", "", FF_DOUBLE, FF_AS_VALUE, 1.25, 0.25, 2.0, 0.25, 2.0, 0},
    {"fuse_shape", "shape", "fuse", "Shape", "How much of the performer's proportions to carry, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"fuse_expression", "expression", "fuse", "Expression", "Strength of the plate's expression on the new face.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.5, 0.0, 1.5, 0},
    {"fuse_scale", "scale", "fuse", "Scale", "Size of the new face beside the plate's, no unit.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.201, 4.999, 0.201, 4.999, 0},
    {"fuse_offset_x", "offset_x", "fuse", "Offset x", "Move the new face right, outer-eye distances.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -1.0, 1.0, -1.0, 1.0, 0},
    {"fuse_offset_y", "offset_y", "fuse", "Offset y", "Move the new face down, outer-eye distances.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -1.0, 1.0, -1.0, 1.0, 0},
    {"fuse_neutral_frame", "neutral_frame", "fuse", "Neutral frame", "A frame where the plate's actor rests; none: found from the shot. Empty: none.", "", FF_STRING, FF_AS_JSON, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"fuse_still_sharpness", "still_sharpness", "fuse", "Still sharpness", "How firmly the best-fitting still wins, no unit.", "", FF_DOUBLE, FF_AS_VALUE, 24.0, 0.001, 64.0, 0.001, 64.0, 0},
    {"fuse_boost", "boost", "fuse", "Boost", "Swapper: times its own size that it is run at; 0 from the face's size in the shot.", "", FF_INT, FF_AS_VALUE, 0.0, 0.0, 8.0, 0.0, 8.0, 0},
    {"fuse_batch", "batch", "fuse", "Batch", "Swapper: most frames run at once, where that changes no pixel.", "", FF_INT, FF_AS_VALUE, 4.0, 1.0, 64.0, 1.0, 64.0, 0},
    {"enhance_model", "model", "enhance", "Model", "Name of an enhancer or upscaler model; empty: none.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"enhance_strength", "strength", "enhance", "Strength", "How far the network's picture replaces the new face, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 0.8, 0.0, 1.0, 0.0, 1.0, 0},
    {"enhance_fidelity", "fidelity", "enhance", "Fidelity", "For networks with such an input: 0 better looking, 1 truer.", "", FF_DOUBLE, FF_AS_VALUE, 0.7, 0.0, 1.0, 0.0, 1.0, 0},
    {"enhance_identity_floor", "identity_floor", "enhance", "Identity floor", "Cosine to the face before it that must be kept; strength falls until it is.", "", FF_DOUBLE, FF_AS_VALUE, 0.98, -1.0, 1.0, -1.0, 1.0, 0},
    {"enhance_look", "look", "enhance", "Look", "Starting point of the two below.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_enhance_look},
    {"enhance_sharpness", "sharpness", "enhance", "Sharpness", "Added to the look's sharpening; 0 leaves it.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -1.0, 1.0, -1.0, 1.0, 0},
    {"enhance_saturation", "saturation", "enhance", "Saturation", "Added to the look's saturation, in stops; 0 leaves it.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -1.0, 1.0, -1.0, 1.0, 0},
    {"steady_causal", "causal", "steady", "Causal", "Look back alone, from frame to frame: fast, and ORDER-DEPENDENT (live).", "", FF_BOOL, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"steady_window", "window", "steady", "Window", "Frames on each side that vote; 0 switches steadying off.", "", FF_INT, FF_AS_VALUE, 4.0, 0.0, 4.0, 0.0, 4.0, 0},
    {"steady_merge", "merge", "steady", "Merge", "How votes become one: robust mean, attention over 5 frames, or weighted median.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_steady_merge},
    {"steady_keyframe_interval", "keyframe_interval", "steady", "Keyframe interval", "Make the new face on every n-th frame, carry it to the others along the flow.", "", FF_INT, FF_AS_VALUE, 1.0, 1.0, 16.0, 1.0, 16.0, 0},
    {"steady_scales", "scales", "steady", "Scales", "Bands of detail that are merged apart, coarse ones more freely.", "", FF_INT, FF_AS_VALUE, 3.0, 1.0, 5.0, 1.0, 5.0, 0},
    {"steady_align_px", "align_px", "steady", "Align px", "Largest jitter of the new face against the plate that is undone, px; 0: off.", "", FF_DOUBLE, FF_AS_VALUE, 4.0, 0.0, 16.0, 0.0, 16.0, 0},
    {"steady_flow", "flow", "steady", "Flow", "Optical flow quality.", "", FF_CHOICE, FF_AS_VALUE, 2.0, 0.0, 0.0, 0.0, 0.0, ff_choices_steady_flow},
    {"steady_flow_model", "flow_model", "steady", "Flow model", "Name of the flow network (RAFT layout) for flow = network.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"steady_gate_px", "gate_px", "steady", "Gate px", "Forward-backward error at which a vote fades, px.", "", FF_DOUBLE, FF_AS_VALUE, 0.3, 0.001, 10.0, 0.001, 10.0, 0},
    {"steady_gate_stops", "gate_stops", "steady", "Gate stops", "Plate difference at which a vote fades, stops.", "", FF_DOUBLE, FF_AS_VALUE, 0.25, 0.001, 4.0, 0.001, 4.0, 0},
    {"steady_amount", "amount", "steady", "Amount", "0 changes nothing, 1 steadies fully.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"steady_skin_amount", "skin_amount", "steady", "Skin amount", "Amount on skin, times `amount`.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"steady_eyes_amount", "eyes_amount", "steady", "Eyes amount", "Amount on the eyes, times `amount`.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"steady_mouth_amount", "mouth_amount", "steady", "Mouth amount", "Amount on lips and mouth, times `amount`.", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"steady_memory", "memory", "steady", "Memory", "Part of the past that `causal` keeps a frame, no unit.", "", FF_DOUBLE, FF_AS_VALUE, 0.9, 0.0, 0.98, 0.0, 0.98, 0},
    {"steady_code_memory", "code_memory", "steady", "Code memory", "The same for a network's code of the face; in post a window of like length.", "", FF_DOUBLE, FF_AS_VALUE, 0.95, 0.0, 0.98, 0.0, 0.98, 0},
    {"steady_code_gate", "code_gate", "steady", "Code gate", "Change of code that counts as real, robust deviations.", "", FF_DOUBLE, FF_AS_VALUE, 3.0, 0.001, 20.0, 0.001, 20.0, 0},
    {"steady_weights", "weights", "steady", "Weights", "Frame: how much its own new face counts, linear between; 0 for a bad frame. JSON: {\"1001\": 0.5}.", "", FF_STRING, FF_AS_JSON, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"steady_trusted", "trusted", "steady", "Trusted", "Frames that are right; they pull their neighbours to them. Frames with commas.", "", FF_STRING, FF_AS_LIST, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"steady_trust_reach", "trust_reach", "steady", "Trust reach", "How far a trusted frame pulls, frames.", "", FF_INT, FF_AS_VALUE, 8.0, 1.0, 48.0, 1.0, 48.0, 0},
    {"composite_relight", "relight", "composite", "Relight", "How far the plate's low-frequency light replaces the stills', [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_relight_sigma", "relight_sigma", "composite", "Relight sigma", "Size of that light's blur, part of the crop side.", "", FF_DOUBLE, FF_AS_VALUE, 0.06, 0.001, 0.5, 0.001, 0.5, 0},
    {"composite_colour_match", "colour_match", "composite", "Colour match", "Shot-constant colour match, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_skin_tone", "skin_tone", "composite", "Skin tone", "0: the plate actor's tone (neck and ears match); 1: the performer's.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_skin_stops", "skin_stops", "composite", "Skin stops", "Brighten the performer's tone, stops (skin_tone > 0).", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -6.0, 6.0, -6.0, 6.0, 0},
    {"composite_feather", "feather", "composite", "Feather", "Softness of the matte's edge, part of the crop side.", "", FF_DOUBLE, FF_AS_VALUE, 0.03, 0.0, 0.3, 0.0, 0.3, 0},
    {"composite_erode", "erode", "composite", "Erode", "Shrink (+) or grow (-) the matte, part of the crop side.", "", FF_DOUBLE, FF_AS_VALUE, 0.0, -0.1, 0.2, -0.1, 0.2, 0},
    {"composite_eyes", "eyes", "composite", "Eyes", "Whose eyeballs; the plate's gaze either way.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_composite_eyes},
    {"composite_mouth", "mouth", "composite", "Mouth", "Whose mouth interior shows when lips part; auto: a swapper's own, else the plate's.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_composite_mouth},
    {"composite_grain", "grain", "composite", "Grain", "How much of the plate's grain the face is given, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_focus", "focus", "composite", "Focus", "How far the face is blurred to the plate's focus, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_occlusion", "occlusion", "composite", "Occlusion", "How far what crosses the face stays in front, by itself, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"composite_parser", "parser", "composite", "Parser", "Name of a face parsing model (19 classes) for the mattes; empty: from the mesh.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"composite_occluder", "occluder", "composite", "Occluder", "Name of an occlusion model for the mattes; empty: none.", "", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"composite_matte_window", "matte_window", "composite", "Matte window", "Frames on each side that steady such a network's mattes.", "", FF_INT, FF_AS_VALUE, 1.0, 0.0, 4.0, 0.0, 4.0, 0},
    {"composite_opacity", "opacity", "composite", "Opacity", "The whole effect, [0, 1].", "", FF_DOUBLE, FF_AS_VALUE, 1.0, 0.0, 1.0, 0.0, 1.0, 0},
    {"output_layers", "layers", "output", "Layers", "all: fused plate with layers; face: only the face's window.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_output_layers},
    {"output_compression", "compression", "output", "Compression", "EXR compression; lossless only.", "", FF_CHOICE, FF_AS_VALUE, 2.0, 0.0, 0.0, 0.0, 0.0, ff_choices_output_compression},
    {"output_cryptomatte", "cryptomatte", "output", "Cryptomatte", "Write Cryptomatte of people and parts.", "", FF_BOOL, FF_AS_VALUE, 1.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"output_motion", "motion", "output", "Motion", "Write forward and backward motion.", "", FF_BOOL, FF_AS_VALUE, 1.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"output_invisible_mark", "invisible_mark", "output", "Invisible mark", "Lay an invisible mark into the new face, to be found again in what became of it.", "", FF_BOOL, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"output_mark_key", "mark_key", "output", "Mark key", "Who can find that mark: anybody with ff-vfx, or who has the studio's key.", "", FF_CHOICE, FF_AS_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, ff_choices_output_mark_key},
    {"output_producer", "producer", "output", "Producer", "Who answers for the picture, as its AI label names him: the studio.", "ff-vfx", FF_STRING, FF_AS_TEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0},
    {"output_c2pa", "c2pa", "output", "C2PA", "C2PA sidecar files of EXR: none; one for the sequence's manifest; one a frame too.", "", FF_CHOICE, FF_AS_VALUE, 1.0, 0.0, 0.0, 0.0, 0.0, ff_choices_output_c2pa},
};
enum { FF_HOST_OUTPUT = 0, FF_HOST_USE_MATTE = 1, FF_HOST_ON_ERROR = 2, FF_HOST_FRAME_OFFSET = 3, FF_HOST_PIXELS = 4, FF_HOST_FORMAT = 5, FF_HOST_COLOUR = 6, FF_HOST_WORKER = 7, FF_HOST_TIMEOUT_S = 8, FF_HOST_EXPORT_FORMAT = 9, FF_HOST_EXPORT_FILE = 10, FF_HOST_EXPORT_OVERWRITE = 11, FF_JOB_PRESET = 12, FF_JOB_PLATE = 13, FF_PARAMS = 110 };
static const ff_button ff_groups[] = {{"host", "Node", ""}, {"job", "Shot", ""}, {"track", "Track", ""}, {"fuse", "Fuse", ""}, {"enhance", "Enhance", ""}, {"steady", "Steady", ""}, {"composite", "Composite", ""}, {"output", "Files", ""}};
static const ff_button ff_buttons[] = {
    {"track", "Track", "Look at the whole plate once and write the solve; frames can be rendered afterwards."},
    {"cancel", "Cancel", "End the tracking that is under way."},
    {"export", "Export", "Write the track for this compositor: see format and file."}};
#endif
