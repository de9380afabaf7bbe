#include <libssh/libssh.h>
#include <libssh/callbacks.h>

// Of libssh/server.h, which needs more than the rest; libssh has it for clients too.
int ssh_send_keepalive(ssh_session session);
