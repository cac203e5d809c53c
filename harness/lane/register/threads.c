/*
** What Node's JavaScript has no call for, and threads of a program need that are lanes of a run (threads.ts): their end, which comes
** behind all that Node closes for them; where shared memory lies, by which two threads know that they mean the same place; and the end of
** the process: from any of them, or of a copy (zygote.c), before Node takes its own parts down. An addon (Node-API). What stays out: what a lane does (gate/).
*/
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define NAPI_VERSION 8
#include <node_api.h>

static pthread_key_t endKey;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void (*leave)(const char *text);

/* The last that a thread does: its connections are closed by now, which were steps of its own. */
static void ends(void *text) {
  if (leave) leave(text);
  free(text);
}

static void makeKey(void) { pthread_key_create(&endKey, ends); }

static char *textArgument(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length)) return NULL;
  char *text = malloc(length + 1);
  if (text) napi_get_value_string_utf8(env, value, text, length + 1, &length);
  return text;
}

/* ends(gate, text): when this thread has ended it leaves the run, which it has entered, with this text; of several the last. */
static napi_value setEnd(napi_env env, napi_callback_info info) {
  size_t n = 2;
  napi_value given[2];
  napi_get_cb_info(env, info, &n, given, NULL, NULL);
  char *gate = textArgument(env, given[0]), *text = textArgument(env, given[1]);
  void *library = gate ? dlopen(gate, RTLD_LAZY | RTLD_NOLOAD) : NULL;
  if (library) *(void **)&leave = dlsym(library, "lockstep_leave");
  free(gate);
  pthread_once(&once, makeKey);
  free(pthread_getspecific(endKey));
  if (!leave || !text || pthread_setspecific(endKey, text)) napi_throw_error(env, NULL, "the end of a thread cannot be followed");
  return NULL;
}

/* address(typed array): of its first byte. A double holds each address that a process can have. */
static napi_value address(napi_env env, napi_callback_info info) {
  size_t n = 1, length;
  napi_value array, result = NULL;
  void *data = NULL;
  napi_get_cb_info(env, info, &n, &array, NULL, NULL);
  if (!napi_get_typedarray_info(env, array, NULL, &length, &data, NULL, NULL)) napi_create_double(env, (double)(size_t)data, &result);
  return result;
}

/* quit(code): the end of the process, at once. */
static napi_value quit(napi_env env, napi_callback_info info) {
  size_t n = 1;
  napi_value given;
  int code = 70;
  napi_get_cb_info(env, info, &n, &given, NULL, NULL);
  napi_get_value_int32(env, given, &code);
  _exit(code);
}

static struct {
  int isKnown, code;
} exitCode;

static void exitBehindClosing(void *nothing) {
  (void)nothing;
  if (exitCode.isKnown) exit(exitCode.code);
}

/* closesFirst(): what addons close at the end of this environment they close before exitsWith is heeded, if they are loaded from here on. */
static napi_value closesFirst(napi_env env, napi_callback_info info) {
  (void)info;
  /* such hooks are called in the reverse order */
  if (napi_add_env_cleanup_hook(env, exitBehindClosing, NULL)) napi_throw_error(env, NULL, "the end of the process cannot be followed");
  return NULL;
}

/* exitsWith(code): when all is closed the process ends so. Node would go on and free its memory, page by page; the kernel does it at once. */
static napi_value exitsWith(napi_env env, napi_callback_info info) {
  size_t n = 1;
  napi_value given;
  napi_get_cb_info(env, info, &n, &given, NULL, NULL);
  exitCode.isKnown = !napi_get_value_int32(env, given, &exitCode.code);
  return NULL;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback call;
  } calls[] = {{"ends", setEnd}, {"address", address}, {"quit", quit}, {"closesFirst", closesFirst}, {"exitsWith", exitsWith}};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    napi_value function;
    napi_create_function(env, calls[i].name, NAPI_AUTO_LENGTH, calls[i].call, NULL, &function);
    napi_set_named_property(env, exports, calls[i].name, function);
  }
  return exports;
}
