#include "store/policy_records.h"

#include "store/record_coding.h"

namespace tegami::store::record {

std::string kept_policy_key(std::string_view domain) {
    return std::string(kPolicyPrefix).append(domain);
}

std::string encode_kept_policy(const KeptPolicy& policy) {
    std::string out = begin_value();
    bytes::append_string(out, policy.id);
    append_time(out, policy.fetched);
    append_time(out, policy.expires);
    bytes::append_string(out, policy.text);
    return out;
}

std::optional<KeptPolicy> decode_kept_policy(std::string_view key, std::string_view value) {
    if (!key.starts_with(kPolicyPrefix)) return std::nullopt;
    bytes::Reader in = open_value(value);
    KeptPolicy policy{.domain = std::string(key.substr(kPolicyPrefix.size())), .id = std::string(in.string())};
    policy.fetched = read_time(in);
    policy.expires = read_time(in);
    policy.text = in.string();
    if (!in.complete()) return std::nullopt;
    return policy;
}

} // namespace tegami::store::record
