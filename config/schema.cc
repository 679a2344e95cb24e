#include "config/schema.h"

#include <libyang/libyang.h>

#include "config/yang_module.h"
#include "net/result.h"

namespace hairpin::config {

const Schema& Schema::hairpin() {
    static const Schema schema;
    return schema;
}

Schema::Schema() {
    ly_log_options(LY_LOSTORE);
    ly_ctx* context = nullptr;
    // Without yang-library, whose modules nobody asks for, and without a look for modules in folders, the working one least of all.
    const std::uint16_t options = LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIRS;
    ensure(ly_ctx_new(nullptr, options, &context) == LY_SUCCESS);
    context_.reset(context);
    ensure(lys_parse_mem(context, kYangModule, LYS_IN_YANG, nullptr) == LY_SUCCESS);
}

Schema::~Schema() = default;

void Schema::Destroy::operator()(ly_ctx* context) const { ly_ctx_destroy(context); }

}  // namespace hairpin::config
