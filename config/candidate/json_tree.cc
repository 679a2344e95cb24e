#include "config/candidate/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/candidate/json_source.h"
#include "config/candidate/value.h"
#include "config/candidate/words.h"
#include "config/text_place.h"
#include "config/wanted.h"

namespace hairpin::config {

namespace {

using Json = nlohmann::ordered_json;
using Kind = SchemaNode::Kind;

constexpr std::string_view kModule = "hairpin:";
constexpr const char* kComment = "hairpin:comment";

/* Writing */

Json value_of(const SchemaNode& leaf, const std::string& canonical) {
    return json_form_of(leaf, canonical) == JsonForm::bare ? Json::parse(canonical) : Json(canonical);
}

Json comment_of(const Node& node) { return node.comment.empty() ? Json() : Json{{kComment, node.comment}}; }

Json object_of(const Node& node) {
    Json object = Json::object();
    if (!node.comment.empty()) object["@"] = comment_of(node);
    for (std::size_t i = 0; i < node.schema->keys.size(); ++i)
        object[node.schema->keys[i]->name] = value_of(*node.schema->keys[i], node.values[i]);
    for (const auto& instances : node.instances) {
        const SchemaNode& schema = instances->schema();
        const std::string name = (node.parent == nullptr ? std::string{kModule} : "") + schema.name;
        const auto& nodes = instances->nodes();
        if (schema.kind == Kind::leaf) {
            object[name] = value_of(schema, nodes.front()->values.front());
            if (!nodes.front()->comment.empty()) object["@" + name] = comment_of(*nodes.front());
        } else if (schema.is_repeated()) {
            Json members = Json::array(), comments = Json::array();
            for (const auto& each : nodes) {
                members.push_back(schema.kind == Kind::list ? object_of(*each) : value_of(schema, each->values.front()));
                comments.push_back(comment_of(*each));
            }
            object[name] = std::move(members);
            const bool is_commented =
                std::any_of(nodes.begin(), nodes.end(), [](const auto& each) { return !each->comment.empty(); });
            if (schema.kind == Kind::leaf_list && is_commented) object["@" + name] = std::move(comments);
        } else {
            object[name] = object_of(*nodes.front());
        }
    }
    return object;
}

/* Reading */

class JsonReader {
public:
    explicit JsonReader(std::string_view text) : text_(text) {}

    // What is in an object, into a container or entry. Metadata comes last, when all that it may be about is there.
    Result<void> members(Node& into, const JsonSource& object) {
        for (const JsonSource& member : object.members)
            if (!member.name.starts_with('@'))
                if (auto good = one(into, member); !good) return good;
        for (const JsonSource& member : object.members)
            if (member.name.starts_with('@'))
                if (auto good = metadata(into, member); !good) return good;
        return {};
    }

    tl::unexpected<Error> fail(const JsonSource& at, std::string message) const {
        return failure_at(text_, at.byte, std::move(message));
    }

private:
    // RFC 7951: the module's name must stand at the top, and may stand everywhere.
    static std::string bare(std::string_view name) {
        return std::string{name.starts_with(kModule) ? name.substr(kModule.size()) : name};
    }

    static const SchemaNode* key_named(const SchemaNode& list, const std::string& name) {
        const auto found = std::find_if(list.keys.begin(), list.keys.end(), [&](const auto& key) { return key->name == name; });
        return found == list.keys.end() ? nullptr : found->get();
    }

    Result<void> one(Node& into, const JsonSource& member) {
        const std::string name = bare(member.name);
        if (key_named(*into.schema, name) != nullptr) return {};  // entry() has it
        const SchemaNode* schema = into.schema->child(name);
        if (schema == nullptr) {
            const std::string& place = into.schema->name;
            return fail(member,
                        fmt::format("there is no {} {}", in_quotes(member.name), place.empty() ? "at the top" : "in " + place));
        }
        if (into.instances_of(*schema) != nullptr) return fail(member, fmt::format("{} stands here twice", schema->name));
        for (const auto& other : into.instances)
            if (schema->excludes(other->schema()))
                return fail(member, fmt::format("{} and {} exclude each other", schema->name, other->schema().name));
        switch (schema->kind) {
            case Kind::container:
            case Kind::presence_container: return container(into, *schema, member);
            case Kind::leaf: return value(into, *schema, member);
            case Kind::list:
            case Kind::leaf_list: return array(into, *schema, member);
        }
        return {};
    }

    Result<void> container(Node& into, const SchemaNode& schema, const JsonSource& source) {
        if (source.kind != JsonSource::Kind::object) return fail(source, fmt::format("{} wants an object", schema.name));
        Node& node = into.ensure_child(schema);
        auto good = members(node, source);
        if (good) remove_empty_from(&node);
        return good;
    }

    Result<void> array(Node& into, const SchemaNode& schema, const JsonSource& source) {
        if (source.kind != JsonSource::Kind::array) return fail(source, fmt::format("{} wants an array", schema.name));
        for (const JsonSource& member : source.members)
            if (auto good = schema.kind == Kind::list ? entry(into, schema, member) : value(into, schema, member); !good)
                return good;
        return {};
    }

    Result<void> entry(Node& into, const SchemaNode& schema, const JsonSource& source) {
        if (source.kind != JsonSource::Kind::object)
            return fail(source, fmt::format("an entry of {} wants an object", schema.name));
        std::vector<std::string> keys;
        for (const auto& key : schema.keys) {
            const JsonSource* found = nullptr;
            for (const JsonSource& member : source.members) {
                if (bare(member.name) != key->name) continue;
                if (found != nullptr) return fail(member, fmt::format("{} stands here twice", key->name));
                found = &member;
            }
            if (found == nullptr) return fail(source, fmt::format("{} wants its {}", schema.name, key->name));
            auto value = scalar(*key, *found);
            if (!value) return tl::unexpected(value.error());
            keys.push_back(std::move(*value));
        }
        if (into.find(schema, keys) != nullptr)
            return fail(source, fmt::format("{} {} stands here twice", schema.name, quoted(keys)));
        return members(into.ensure_child(schema, keys), source);
    }

    Result<void> value(Node& into, const SchemaNode& schema, const JsonSource& source) {
        auto value = scalar(schema, source);
        if (!value) return tl::unexpected(value.error());
        if (into.find(schema, {*value}) != nullptr)
            return fail(source, fmt::format("{} {} stands here twice", schema.name, *value));
        into.ensure_child(schema, {*value});
        return {};
    }

    Result<std::string> scalar(const SchemaNode& schema, const JsonSource& source) {
        if (source.kind == JsonSource::Kind::null || source.kind == JsonSource::Kind::array ||
            source.kind == JsonSource::Kind::object)
            return fail(source, fmt::format("{} wants a single value", schema.name));
        auto value = canonical_value(schema, source.text, Spelling::exact);
        if (!value) return fail(source, std::move(value.error()));
        return std::move(*value);
    }

    // "@" is about the object that it is in, "@name" about a member: an object, or of a leaf-list an array with one for each value.
    Result<void> metadata(Node& into, const JsonSource& source) {
        const std::string name = bare(std::string_view{source.name}.substr(1));
        if (name.empty() || key_named(*into.schema, name) != nullptr) return comment(into, source);
        const SchemaNode* schema = into.schema->child(name);
        const Instances* instances = schema == nullptr || schema->has_children() ? nullptr : into.instances_of(*schema);
        if (instances == nullptr)
            return fail(source, fmt::format("there is nothing here that {} could be about", in_quotes(source.name)));
        if (schema->kind == Kind::leaf) return comment(*instances->nodes().front(), source);
        if (source.kind != JsonSource::Kind::array || source.members.size() > instances->nodes().size())
            return fail(source, fmt::format("{} wants an array with null or an object for each value", in_quotes(source.name)));
        for (std::size_t i = 0; i < source.members.size(); ++i)
            if (source.members[i].kind != JsonSource::Kind::null)
                if (auto good = comment(*instances->nodes()[i], source.members[i]); !good) return good;
        return {};
    }

    Result<void> comment(Node& node, const JsonSource& source) {
        if (source.kind != JsonSource::Kind::object) return fail(source, "metadata wants an object");
        for (const JsonSource& member : source.members) {
            if (member.name != kComment || member.kind != JsonSource::Kind::string)
                return fail(member, fmt::format("the only metadata is {}, a string", kComment));
            if (auto good = check_annotation(member.text); !good) return fail(member, good.error());
            node.comment = member.text;
        }
        return {};
    }

    std::string_view text_;
};

}  // namespace

std::string json_of(const Node& top) { return object_of(top).dump(2); }

Result<std::unique_ptr<Node>> read_json(const std::string& text) {
    const auto source = read_json_source(text);
    if (!source) return tl::unexpected(source.error());
    auto top = std::make_unique<Node>(schema_top());
    JsonReader reader{text};
    if (source->kind != JsonSource::Kind::object) return reader.fail(*source, "a configuration is an object");
    if (auto good = reader.members(*top, *source); !good) return tl::unexpected(good.error());
    return top;
}

}  // namespace hairpin::config
