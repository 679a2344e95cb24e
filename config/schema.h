#pragma once
// The YANG module hairpin, compiled by libyang: what can be configured, of which type, and in which words it is explained.
//
// There is one for the whole program, made when it is first asked for (2 ms) and never changed afterwards. Its text is part of the
// library, so no file is needed at run time. libyang's messages are kept for Document to read; nothing is printed on stderr.

#include <memory>

struct ly_ctx;

namespace hairpin::config {

class Schema {
public:
    static const Schema& hairpin();
    ~Schema();
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    ly_ctx* context() const { return context_.get(); }

private:
    Schema();
    struct Destroy {
        void operator()(ly_ctx* context) const;
    };
    std::unique_ptr<ly_ctx, Destroy> context_;
};

}  // namespace hairpin::config
