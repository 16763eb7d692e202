#include "trust/spf/verdict.h"

#include <utility>

namespace tegami::spf {

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::none: return "none";
    case Outcome::neutral: return "neutral";
    case Outcome::pass: return "pass";
    case Outcome::fail: return "fail";
    case Outcome::softfail: return "softfail";
    case Outcome::temperror: return "temperror";
    case Outcome::permerror: return "permerror";
    }
    std::unreachable();
}

std::string_view to_string(Identity identity) {
    return identity == Identity::helo ? "helo" : "mailfrom";
}

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::matched: return "matched";
    case Reason::nothing_matched: return "nothing-matched";
    case Reason::bad_domain: return "bad-domain";
    case Reason::no_such_domain: return "no-such-domain";
    case Reason::no_record: return "no-record";
    case Reason::several_records: return "several-records";
    case Reason::record_too_long: return "record-too-long";
    case Reason::syntax_error: return "syntax-error";
    case Reason::repeated_modifier: return "repeated-modifier";
    case Reason::too_many_lookups: return "too-many-lookups";
    case Reason::too_many_void_lookups: return "too-many-void-lookups";
    case Reason::too_many_exchanges: return "too-many-exchanges";
    case Reason::dns_failure: return "dns-failure";
    }
    std::unreachable();
}

} // namespace tegami::spf
