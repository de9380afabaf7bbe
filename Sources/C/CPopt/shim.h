#include <popt.h>
#include <stdio.h>

// `poptOption` is a struct and a typedef of a pointer to it: ambiguous in Swift.
typedef struct poptOption popt_entry;

// A variable of the library that Swift 6 takes for shared mutable state, and a macro it cannot import.
static inline popt_entry *popt_help_options(void) { return poptHelpOptions; }
static inline FILE *popt_stdout(void) { return stdout; }
static inline FILE *popt_stderr(void) { return stderr; }
