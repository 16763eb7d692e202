// What SPF, DKIM, DMARC and reverse DNS found out about a message, in plain sentences. Pure.
//
// 1. There is a sentence for every reason that the evaluators of trust/ can give, in both languages; if the sender's
//    side has to mend something, it says who.
// 2. A method, result or reason that has no sentence yet is told by its name and fields, never left out.
#pragma once

#include "app/command_line/language.h"
#include "app/command_line/sentence.h"

#include <string>
#include <vector>

namespace tegami::app {

/// One verdict: of verification::facts(), the field that begins a group, and those that follow it.
struct VerdictGroup {
    std::string method; ///< "spf"
    std::string result; ///< "fail"
    Fields fields{};    ///< "domain", "reason" and so on
};

/// The groups in order. A field that belongs to none begins one of its own, without a result.
std::vector<VerdictGroup> verdict_groups(const Fields& facts);

/// Its sentences, as one text.
std::string describe(const VerdictGroup& group, Language language);

} // namespace tegami::app
