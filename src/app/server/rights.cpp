#include "app/server/rights.h"

#include "app/server/certificate_files.h"
#include "base/sanitized.h"
#include "disk/files.h"
#include "sandbox/confine.h"
#include "sandbox/owner.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace tegami::app {

namespace {

/// Where OpenSSL looks for authorities instead of its usual places.
std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
    return std::ranges::mismatch(folder, path).in1 == folder.end();
}

} // namespace

sandbox::Rules rules_for(const Config& config) {
    sandbox::Rules rules{.files = sandbox::system_files()};
    rules.files.push_back({.path = config.data_directory, .access = sandbox::Access::write});
    for (const std::string& folder : config.backup_directories)
        rules.files.push_back({.path = folder, .access = sandbox::Access::write});
    // A configuration that is the server's own, and not root's alone, may be changed by it.
    if (const auto owner = disk::owner_of(config.file); owner && owner->uid == ::geteuid())
        rules.files.push_back(
            {.path = std::filesystem::path(config.file).parent_path(), .access = sandbox::Access::write});
    rules.files.push_back({.path = environment("SSL_CERT_DIR")});
    const TlsConfig tls = certificate_files(config);
    std::vector<std::string> files{config.file,
                                   environment("SSL_CERT_FILE"),
                                   tls.certificate,
                                   tls.key,
                                   config.resolver.trust_anchor,
                                   config.dns_update.secret_file,
                                   config.acme.authorities,
                                   config.acme.external_account_file};
    for (const SmarthostConfig& smarthost : config.smarthosts())
        files.push_back(smarthost.password_file);
    for (const std::string& file : files)
        for (sandbox::Rule& rule : sandbox::folder_of(file))
            rules.files.push_back(std::move(rule));
    return rules;
}

bool may_read(const Config& started, const std::string& file) {
    std::error_code error;
    const auto wanted = std::filesystem::weakly_canonical(file, error);
    return std::ranges::any_of(rules_for(started).files, [&](const sandbox::Rule& rule) {
        return is_inside(wanted, std::filesystem::weakly_canonical(rule.path, error));
    });
}

Result<RightsGivenUp, std::string> give_up_rights(const Config& config) {
    TRY_VOID(sandbox::become_owner_of(config.data_directory));
    auto helpers = extraction::Helpers::start();
    // The sanitizers start a program to find names for addresses, and trace their own process at the end.
    if (kSanitized)
        return RightsGivenUp{.helpers = std::move(helpers), .missing = {"a build with a sanitizer gives up no rights"}};
    TRY(sandbox::Confined confined, sandbox::confine(rules_for(config)));
    if (::geteuid() == 0)
        confined.missing.push_back(fmt::format(
            "the server runs as root, because {} is root's: give it to a user of its own", config.data_directory));
    return RightsGivenUp{.helpers = std::move(helpers), .missing = std::move(confined.missing)};
}

} // namespace tegami::app
