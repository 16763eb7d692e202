// The keys of [reports], [web], [retention] and [store].
#include "app/configuration/config_keys.h"

namespace tegami::app {

namespace {

using std::chrono::days;
using std::chrono::seconds;

void read_administration_from(ConfigReading& reading, const toml::node& node, Config& config) {
    config.web.administration_from.clear();
    read_networks(reading, node, config.web.administration_from);
}

constexpr std::uint64_t kMostSegmentBytes = 4ULL << 30;
constexpr std::uint64_t kLeastSegmentBytes = 1ULL << 20;
constexpr std::uint32_t kDaysMax = 3650;

const std::array kKeepingKeys{
    ConfigKey{"reports", "send",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.reports.send); }},
    ConfigKey{"web", "pictures",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.web.pictures); }},
    ConfigKey{"web", "administration_from", read_administration_from},
    ConfigKey{"web", "second_factor_for_roles",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.web.second_factor_for_roles); }},
    ConfigKey{
        "retention", "journeys_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.journeys_days, 1, kDaysMax); }},
    ConfigKey{
        "retention", "expunged_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.expunged_days, 0, kDaysMax); }},
    ConfigKey{
        "retention", "audit_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.audit_days, 1, kDaysMax); }},
    ConfigKey{"store", "segment_size",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.bytes(n, c.store.segment_bytes, kLeastSegmentBytes, kMostSegmentBytes);
              }},
    ConfigKey{"store", "collect_interval",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.duration(n, c.store.collect_interval, seconds(1), days(1));
              }},
};

} // namespace

std::span<const ConfigKey> keeping_keys() {
    return kKeepingKeys;
}

} // namespace tegami::app
