#include "config/document.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <cstdlib>

#include "config/explain.h"
#include "config/json_form.h"
#include "config/schema.h"

namespace hairpin::config {

struct Document::Tree {
    lyd_node* root = nullptr;
    Tree() = default;
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() { lyd_free_all(root); }
};

Document::Document(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(const std::string& json) {
    if (json.size() > kLargest)
        return failure(fmt::format("the configuration has {} bytes, more than {}", json.size(), kLargest));
    if (auto good = check_json_form(json); !good) return tl::unexpected(good.error());

    ly_ctx* context = Schema::hairpin().context();
    ly_err_clean(context, nullptr);
    auto tree = std::make_unique<Tree>();
    // First all is read, then all is judged: judged while being read, nodes do not yet hang in their place and errors have half a path.
    if (lyd_parse_data_mem(context, json.c_str(), LYD_JSON, LYD_PARSE_STRICT | LYD_PARSE_ONLY, 0, &tree->root) != LY_SUCCESS ||
        lyd_validate_all(&tree->root, context, LYD_VALIDATE_NO_STATE, nullptr) != LY_SUCCESS)
        return tl::unexpected(explain_last_error(context, json, tree->root));
    return Document{std::move(tree)};
}

const lyd_node* Document::root() const { return tree_->root; }

std::string Document::to_json(Defaults defaults) const {
    const std::uint32_t options =
        LYD_PRINT_WITHSIBLINGS | (defaults == Defaults::included ? LYD_PRINT_WD_ALL : LYD_PRINT_WD_EXPLICIT);
    char* text = nullptr;
    ensure(lyd_print_mem(&text, tree_->root, LYD_JSON, options) == LY_SUCCESS);
    const std::unique_ptr<char, void (*)(void*)> owner{text, &std::free};
    return text != nullptr ? text : "{}";
}

}  // namespace hairpin::config
