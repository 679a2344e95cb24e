#include "config/document.h"

#include <libyang/libyang.h>

#include "config/yang_module.h"

namespace hairpin::config {

namespace {

// libyang's context with our module. Made once: it is immutable afterwards and the daemon has one thread that configures.
class Schema {
public:
    static const Schema& instance() {
        static const Schema schema;
        return schema;
    }
    ly_ctx* context() const { return context_; }

private:
    Schema() {
        ly_log_options(LY_LOSTORE_LAST);  // errors are ours to print
        ensure(ly_ctx_new(nullptr, LY_CTX_NO_YANGLIBRARY, &context_) == LY_SUCCESS);
        ensure(lys_parse_mem(context_, kYangModule, LYS_IN_YANG, nullptr) == LY_SUCCESS);
    }
    ~Schema() { ly_ctx_destroy(context_); }
    ly_ctx* context_ = nullptr;
};

// libyang says "Data path: /x" or "Schema location /x, line number 3." around what it means; we keep path and line apart.
Error last_error(const ly_ctx* context) {
    const char* message = ly_errmsg(context);
    const char* path = ly_errpath(context);
    Error error{message != nullptr ? message : "the configuration cannot be read"};
    std::string where = path != nullptr ? path : "";
    const auto strip = [&](std::string_view prefix) {
        if (where.starts_with(prefix)) where.erase(0, prefix.size());
    };
    strip("Data location ");
    strip("Schema location ");
    if (const auto quote = where.find('"'); quote == 0) {
        const auto end = where.find('"', 1);
        if (end != std::string::npos) {
            const std::string rest = where.substr(end + 1);
            where = where.substr(1, end - 1) + rest;
        }
    }
    if (where.ends_with('.')) where.pop_back();
    if (const auto line = where.find("Line number "); line != std::string::npos) {
        const std::string number = where.substr(line + 12);
        where = line >= 2 ? where.substr(0, line - 2) : "";
        error.message += " (line " + number + ")";
    }
    if (const auto line = where.find(", line number "); line != std::string::npos) {
        error.message += " (line " + where.substr(line + 14) + ")";
        where.erase(line);
    }
    error.path = where;
    return error;
}

}  // namespace

struct Document::Tree {
    lyd_node* root = nullptr;
    ~Tree() { lyd_free_all(root); }
};

Document::Document(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(const std::string& json) {
    if (json.size() > kLargest) return failure("the configuration is longer than " + std::to_string(kLargest) + " bytes");
    const ly_ctx* context = Schema::instance().context();
    auto tree = std::make_unique<Tree>();
    ly_err_clean(const_cast<ly_ctx*>(context), nullptr);
    const LY_ERR result =
        lyd_parse_data_mem(context, json.c_str(), LYD_JSON, LYD_PARSE_STRICT, LYD_VALIDATE_NO_STATE, &tree->root);
    if (result != LY_SUCCESS) return tl::unexpected(last_error(context));
    return Document{std::move(tree)};
}

const lyd_node* Document::root() const { return tree_->root; }

std::string Document::to_json() const {
    char* text = nullptr;
    ensure(lyd_print_mem(&text, tree_->root, LYD_JSON, LYD_PRINT_WITHSIBLINGS) == LY_SUCCESS);
    std::string result = text != nullptr ? text : "{}";
    free(text);
    return result;
}

}  // namespace hairpin::config
