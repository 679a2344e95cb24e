#include "net/result.h"

#include <cstdio>
#include <cstdlib>

namespace hairpin {

void broken_invariant(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "hairpin: internal error: %s does not hold (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace hairpin
