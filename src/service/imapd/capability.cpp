#include "service/imapd/capability.h"

namespace tegami::imapd {

namespace {

/// True at all times. IMAP4rev1 stands first because old clients look there.
constexpr const char* kAlways = "IMAP4rev1 IMAP4rev2 SASL-IR LITERAL+ ID ENABLE";

/// Named one by one although IMAP4rev2 has them all, because clients of IMAP4rev1 look for each (RFC 9051 Appendix E).
constexpr const char* kAfterLogin =
    " IDLE NAMESPACE ACL RIGHTS=kxte UNSELECT UIDPLUS MOVE ESEARCH SEARCHRES CHILDREN LIST-EXTENDED LIST-STATUS "
    "STATUS=SIZE "
    "SPECIAL-USE CREATE-SPECIAL-USE UTF8=ACCEPT SEARCH=FUZZY SORT SORT=DISPLAY ESORT CONTEXT=SEARCH CONTEXT=SORT "
    "THREAD=ORDEREDSUBJECT "
    "THREAD=REFERENCES THREAD=REFS CONDSTORE QRESYNC OBJECTID MULTIAPPEND MULTISEARCH PARTIAL WITHIN SAVEDATE PREVIEW";

} // namespace

std::string capabilities_before_login(const LoginOffer& offer) {
    std::string names = kAlways;
    if (offer.starttls) names += " STARTTLS";
    if (!offer.password) names += " LOGINDISABLED";
    for (const std::string& mechanism : offer.mechanisms)
        names += " AUTH=" + mechanism;
    return names;
}

std::string capabilities_after_login(std::uint64_t append_bytes_max) {
    // RFC 7889 §3: the largest message that APPEND takes.
    return std::string(kAlways) + kAfterLogin + " APPENDLIMIT=" + std::to_string(append_bytes_max);
}

} // namespace tegami::imapd
