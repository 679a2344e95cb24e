#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "lab/enclave_folder.h"
#include "lab/enclave_holder.h"
#include "lab/files.h"
#include "lab/namespace_limits.h"

namespace hairpin::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A folder that goes again.
struct Scratch {
    Scratch() {
        char name[] = "/tmp/hairpin-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { std::filesystem::remove_all(path); }
    std::string path;
};

void set_sysctl(const Scratch& settings, const std::string& name, const std::string& value) {
    const std::filesystem::path file = settings.path + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(write_file(file, value + "\n"));
}

TEST(Enclave, SaysWhichSettingForbidsIt) {
    const Scratch none;
    EXPECT_THAT(what_forbids_enclaves(none.path), IsEmpty());
    struct Row {
        const char* file;
        const char* value;
        const char* said;
    };
    for (const Row& row :
         {Row{"kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"},
          Row{"user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"},
          Row{"kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"}}) {
        const Scratch settings;
        set_sysctl(settings, row.file, row.value);
        EXPECT_THAT(what_forbids_enclaves(settings.path), HasSubstr(row.said)) << row.file;
        set_sysctl(settings, row.file, std::string{row.value} == "0" ? "1" : "0");
        EXPECT_THAT(what_forbids_enclaves(settings.path), IsEmpty()) << row.file;
    }
}

TEST(NamespaceLimits, SayWhatRootMayDo) {
    const Scratch settings;
    EXPECT_THAT(what_limits_network_namespaces(settings.path), HasSubstr("as many as user.max_net_namespaces"));
    set_sysctl(settings, "user/max_net_namespaces", "12");
    EXPECT_THAT(what_limits_network_namespaces(settings.path), HasSubstr("sysctl user.max_net_namespaces=10000"));
    EXPECT_THAT(what_limits_network_namespaces(settings.path), Not(HasSubstr("is 0 here")));
    set_sysctl(settings, "user/max_net_namespaces", "0");
    EXPECT_THAT(what_limits_network_namespaces(settings.path), HasSubstr("user.max_net_namespaces is 0 here"));
}

TEST(Enclave, GivesEveryNameTheOneIdThatThereIs) {
    EXPECT_EQ(with_ids_of_root("root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"),
              "root:x:0:0:root:/root:/bin/bash\nwww-data:x:0:0:www-data:/var/www:/usr/sbin/nologin\n");
    // Of a group the fourth field is who is in it, which may even look like a number.
    EXPECT_EQ(with_ids_of_root("adm:x:4:syslog,me\nempty:x:100:\n"), "adm:x:0:syslog,me\nempty:x:0:\n");
    EXPECT_EQ(with_ids_of_root("+::::::\n"), "+::::::\n");
}

TEST(EnclaveFolder, IsInTheRuntimeFolderOnlyWhereThatIsTheUsersOwn) {
    const Scratch runtime;
    const char* before = std::getenv("XDG_RUNTIME_DIR");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("XDG_RUNTIME_DIR", runtime.path.c_str(), 1);
    EXPECT_EQ(enclave_folder(::geteuid()), runtime.path + "/hairpin");
    EXPECT_EQ(enclave_folder(::geteuid() + 4321), "/tmp/hairpin-" + std::to_string(::geteuid() + 4321));
    if (before == nullptr)
        ::unsetenv("XDG_RUNTIME_DIR");
    else
        ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

TEST(EnclaveFolder, RefusesALinkInItsPlace) {
    const Scratch scratch;
    const std::string place = scratch.path + "/hairpin";
    std::filesystem::create_directory_symlink("/tmp", place);
    const auto made = make_enclave_folder(place, ::geteuid());
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("belongs to somebody else"));
}

}  // namespace
}  // namespace hairpin::lab
