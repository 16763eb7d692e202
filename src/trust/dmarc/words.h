// The words that records and reports have for our values. Private to this room.
#pragma once

#include "base/ascii.h"
#include "trust/dmarc/report.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace tegami::dmarc {

template <class T, std::size_t N>
using Words = std::array<std::pair<std::string_view, T>, N>;

// RFC 9989 §4.7
inline constexpr Words<Policy, 3> kPolicyWords{
    {{"none", Policy::none}, {"quarantine", Policy::quarantine}, {"reject", Policy::reject}}};
inline constexpr Words<AlignmentMode, 2> kModeWords{{{"r", AlignmentMode::relaxed}, {"s", AlignmentMode::strict}}};
inline constexpr Words<bool, 2> kTestingWords{{{"n", false}, {"y", true}}};

// RFC 9990 §A; where a value has several words the first is ours and the others are older programs'.
inline constexpr Words<Disposition, 4> kDispositionWords{{{"none", Disposition::none},
                                                          {"pass", Disposition::pass},
                                                          {"quarantine", Disposition::quarantine},
                                                          {"reject", Disposition::reject}}};
inline constexpr Words<bool, 2> kAlignedWords{{{"fail", false}, {"pass", true}}};
inline constexpr Words<DiscoveryMethod, 2> kDiscoveryWords{
    {{"psl", DiscoveryMethod::public_suffix_list}, {"treewalk", DiscoveryMethod::tree_walk}}};
inline constexpr Words<OverrideType, 7> kOverrideWords{{{"other", OverrideType::other},
                                                        {"local_policy", OverrideType::local_policy},
                                                        {"mailing_list", OverrideType::mailing_list},
                                                        {"policy_test_mode", OverrideType::policy_test_mode},
                                                        {"trusted_forwarder", OverrideType::trusted_forwarder},
                                                        {"forwarded", OverrideType::forwarded},
                                                        {"sampled_out", OverrideType::sampled_out}}};
// Interop: RFC 7489 §C names "unknown" and "error" as common in SPF results.
inline constexpr Words<AuthResult, 11> kAuthResultWords{{{"none", AuthResult::none},
                                                         {"pass", AuthResult::pass},
                                                         {"fail", AuthResult::fail},
                                                         {"softfail", AuthResult::softfail},
                                                         {"policy", AuthResult::policy},
                                                         {"neutral", AuthResult::neutral},
                                                         {"temperror", AuthResult::temperror},
                                                         {"permerror", AuthResult::permerror},
                                                         {"hardfail", AuthResult::fail},
                                                         {"unknown", AuthResult::temperror},
                                                         {"error", AuthResult::permerror}}};

/// Letters compare without case.
template <class T, std::size_t N>
std::optional<T> find_word(const Words<T, N>& words, std::string_view word) {
    for (const auto& [name, value] : words)
        if (ascii::iequals(name, word)) return value;
    return std::nullopt;
}

/// The first word of a value.
template <class T, std::size_t N>
std::string_view word_of(const Words<T, N>& words, T value) {
    for (const auto& [name, each] : words)
        if (each == value) return name;
    return {};
}

} // namespace tegami::dmarc
