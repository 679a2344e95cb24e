#pragma once
// The text of hairpin.yang, put into the library when it is built.

namespace hairpin::config {

extern const char* const kYangModule;

}  // namespace hairpin::config
