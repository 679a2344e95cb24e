#include "manual/markup.h"

#include "manual/markdown.h"
#include "manual/scdoc.h"

namespace hairpin::manual {

std::unique_ptr<Markup> Markup::in(Form form) {
    if (form == Form::markdown) return std::make_unique<Markdown>();
    return std::make_unique<Scdoc>();
}

}  // namespace hairpin::manual
