/*
 * Signs one account in with the Debian pidgin-sipe plugin, without any screen, and says how far it got.
 * It is an independent Lync client: it judges the embedded lab (registrar, web ticket, certificate service).
 *
 *   gcc -rdynamic sipe-signin.c -o sipe-signin $(pkg-config --cflags --libs purple glib-2.0) -ldl
 *   sipe-signin SIP-URI LOGIN PASSWORD HOST:PORT AUTH(tls-dsk|ntlm) SECONDS [USERAGENT]
 *
 * Last line: "signed-in", "failed: REASON" or "timed out". Exit status 0 only when signed in. With SIPE_STAY set it goes on after
 * that, subscribing and publishing, until it is killed or its seconds are over; at each SIGUSR1 it sends an instant message to SIPE_IM.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <purple.h>
#include <glib.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>

/*
 * Debian 12's libxml2 2.9.14 (deb12u4, deb12u6) does not call the plain element callbacks of a SAX handler that is marked for
 * SAX 2, as the plugin's is; the plugin then takes every XML document for empty, whoever sent it. This definition comes before the
 * library's: it takes the mark off handlers that have no SAX 2 callbacks, which changes nothing where libxml2 is sound.
 */
typedef struct { void *callbacks[27]; unsigned initialized; void *data, *start_element_ns, *end_element_ns, *structured_error; } SaxHandler;
int xmlSAXUserParseMemory(SaxHandler *handler, void *data, const char *text, int length) {
	int (*parse)(SaxHandler *, void *, const char *, int) =
		(int (*)(SaxHandler *, void *, const char *, int)) dlsym(RTLD_NEXT, "xmlSAXUserParseMemory");
	SaxHandler plain = *handler;
	if (!plain.start_element_ns && !plain.end_element_ns) plain.initialized = 1;
	return parse(&plain, data, text, length);
}

static GMainLoop *loop;
static int outcome = 2;

typedef struct { PurpleInputFunction function; guint result; gpointer data; } Closure;

static gboolean io_invoke(GIOChannel *source, GIOCondition condition, gpointer data) {
	Closure *closure = data;
	PurpleInputCondition cond = 0;
	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) cond |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) cond |= PURPLE_INPUT_WRITE;
	closure->function(closure->data, g_io_channel_unix_get_fd(source), cond);
	return TRUE;
}

static guint input_add(gint fd, PurpleInputCondition condition, PurpleInputFunction function, gpointer data) {
	Closure *closure = g_new0(Closure, 1);
	GIOCondition cond = 0;
	GIOChannel *channel = g_io_channel_unix_new(fd);
	closure->function = function;
	closure->data = data;
	if (condition & PURPLE_INPUT_READ) cond |= G_IO_IN | G_IO_HUP | G_IO_ERR;
	if (condition & PURPLE_INPUT_WRITE) cond |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	closure->result = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, cond, io_invoke, closure, g_free);
	g_io_channel_unref(channel);
	return closure->result;
}

static PurpleEventLoopUiOps event_loop = {
	g_timeout_add, g_source_remove, input_add, g_source_remove, NULL, g_timeout_add_seconds, NULL, NULL, NULL
};

/* Answers every question (an unknown certificate, say) with its first action: accept. */
static void *request_action(const char *title, const char *primary, const char *secondary, int default_action,
                            PurpleAccount *account, const char *who, PurpleConversation *conv, void *user_data,
                            size_t count, va_list actions) {
	const char *label = va_arg(actions, const char *);
	PurpleRequestActionCb callback = va_arg(actions, PurpleRequestActionCb);
	printf("asked: %s -> %s\n", primary ? primary : title, label);
	if (callback) callback(user_data, 0);
	return NULL;
}
static PurpleRequestUiOps request_ops = { NULL, NULL, request_action, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL };

static void signed_on(PurpleConnection *gc, gpointer unused) {
	puts("signed-in");
	outcome = 0;
	if (!getenv("SIPE_STAY")) g_main_loop_quit(loop);
}
static void failed(PurpleConnection *gc, PurpleConnectionError err, const gchar *why, gpointer unused) {
	printf("failed: %s\n", why); outcome = 1; g_main_loop_quit(loop);
}
static gboolean send_message(gpointer account) {
	const char *who = getenv("SIPE_IM");
	if (who) serv_send_im(purple_account_get_connection(account), who, "hello", 0);
	return TRUE;
}
static gboolean give_up(gpointer unused) { puts("timed out"); g_main_loop_quit(loop); return FALSE; }

int main(int argc, char **argv) {
	if (argc < 7) { fprintf(stderr, "usage: sipe-signin SIP-URI LOGIN PASSWORD HOST:PORT AUTH SECONDS [USERAGENT]\n"); return 64; }
	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	purple_util_set_user_dir(g_dir_make_tmp("sipe-signin-XXXXXX", NULL));
	purple_debug_set_enabled(getenv("SIPE_DEBUG") != NULL);
	purple_eventloop_set_ui_ops(&event_loop);
	purple_plugins_add_search_path("/usr/lib/purple-2");
	purple_request_set_ui_ops(&request_ops);
	if (!purple_core_init("sipe-signin")) { fprintf(stderr, "libpurple did not start\n"); return 70; }
	purple_set_blist(purple_blist_new());
	char *name = g_strdup_printf("%s,%s", argv[1], argv[2]);
	PurpleAccount *account = purple_account_new(name, "prpl-sipe");
	purple_account_set_password(account, argv[3]);
	purple_account_set_string(account, "server", argv[4]);
	purple_account_set_string(account, "transport", "tls");
	purple_account_set_string(account, "authentication", argv[5]);
	if (argc > 7) purple_account_set_string(account, "useragent", argv[7]);
	static int handle;
	purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle, PURPLE_CALLBACK(signed_on), NULL);
	purple_signal_connect(purple_connections_get_handle(), "connection-error", &handle, PURPLE_CALLBACK(failed), NULL);
	purple_accounts_add(account);
	purple_account_set_enabled(account, "sipe-signin", TRUE);
	purple_savedstatus_activate(purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGUSR1, send_message, account);
	g_timeout_add_seconds(atoi(argv[6]), give_up, NULL);
	if (outcome == 2) g_main_loop_run(loop);
	fflush(stdout);
	_exit(outcome);
}
