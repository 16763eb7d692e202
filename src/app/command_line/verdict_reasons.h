// Why a verdict about a message is as it is: the patterns of the sentences (sentence.h) for each method. Private to
// verdict_words.
#pragma once

#include <span>
#include <string_view>

namespace tegami::app {

/// Of those that fit, the first counts.
struct VerdictReason {
    std::string_view reason; ///< empty: any
    std::string_view result; ///< empty: any
    std::string_view needs;  ///< a field; empty: none
    std::string_view english;
    std::string_view japanese;
};

/// Of SPF: trust/spf/verdict.h
std::span<const VerdictReason> spf_reasons();
/// Of DKIM: trust/dkim/result.h
std::span<const VerdictReason> dkim_reasons();
/// Of "spf", "dkim", "dmarc", "arc", "bimi", "iprev"; none of another method.
std::span<const VerdictReason> reasons_of(std::string_view method);

} // namespace tegami::app
