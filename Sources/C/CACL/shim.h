// sys/types.h has to come before sys/acl.h.
#include <sys/types.h>
#include <sys/acl.h>
#include <acl/libacl.h>
