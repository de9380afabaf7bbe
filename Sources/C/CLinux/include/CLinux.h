// The system calls that Swift's Glibc module lacks. One short file a topic; every function answers -errno on failure,
// so that no one has to read errno after the call. _GNU_SOURCE stays in the .c files: in a header it breaks the import.
#pragma once
#include "attributes.h"
#include "confinement.h"
#include "copying.h"
#include "files.h"
#include "process.h"
#include "sockets.h"
