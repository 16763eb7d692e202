// RFC 3501 §5.1.3, RFC 9051 §5.1
#include "protocol/imap/mailbox_name.h"

#include "base/random.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

constexpr EnabledSet kUtf8{Enabled::utf8_accept};

MailboxNameError name_error(std::string_view utf8) {
    const Result<MailboxName, MailboxNameError> name = MailboxName::from_utf8(utf8);
    EXPECT_FALSE(name.has_value()) << utf8;
    return name ? MailboxNameError{} : name.error();
}

TEST(ModifiedUtf7, BothWays) {
    const std::vector<std::pair<std::string_view, std::string_view>> pairs{
        {"", ""},
        {"INBOX", "INBOX"},
        {"a & b", "a &- b"},
        {"&&", "&-&-"},
        // RFC 3501 §5.1.3
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        {"é&é", "&AOk-&-&AOk-"},
        {"Entwürfe", "Entw&APw-rfe"},
        {"送信済み", "&kAFP4W4IMH8-"},
        {"📬", "&2D3c7A-"},
        {"x📬é", "x&2D3c7ADp-"},
    };
    for (const auto& [utf8, utf7] : pairs) {
        EXPECT_EQ(encode_modified_utf7(utf8), utf7);
        EXPECT_EQ(decode_modified_utf7(utf7).value_or("?"), utf8) << utf7;
    }
}

TEST(ModifiedUtf7, RefusesEverySecondSpelling) {
    for (const std::string_view text : {
             "&U,BTFw-&ZeVnLIqe-", // RFC 3501 §5.1.3: superfluous shift
             "&Jjo!",              // RFC 3501 §5.1.3: no end of shift
             "&AGE-",              // "a" shifted
             "&",                  // nothing after the shift
             "&AOk",               // no end
             "&AOl-x&AO-",         // half a unit
             "&AOm-",              // stray bits after é
             "&2D0-",              // a high surrogate alone
             "&3Kw-",              // a low surrogate alone
             "&3KzYPQ-",           // surrogates in the wrong order
             "&AOk/-",             // "/" is "," in this base64
             "&A-",                // too short
             "caf\xc3\xa9",        // raw UTF-8
             "tab\t",
         })
        EXPECT_FALSE(decode_modified_utf7(text).has_value()) << text;
}

TEST(ModifiedUtf7, RandomNamesComeBack) {
    SeededRandom random(7);
    const std::vector<std::string_view> alphabet{"a", "&", "-", "é", "語", "📬", "/", "+", ",", " "};
    for (int round = 0; round < 3000; ++round) {
        std::string name;
        for (std::uint64_t length = random.below(12); length > 0; --length)
            name += alphabet[random.below(alphabet.size())];
        EXPECT_EQ(decode_modified_utf7(encode_modified_utf7(name)).value_or("?"), name);
    }
}

TEST(MailboxName, InboxHasOneSpelling) {
    EXPECT_EQ(MailboxName::from_utf8("inbox")->utf8(), "INBOX");
    EXPECT_TRUE(MailboxName::from_utf8("iNbOx")->is_inbox());
    EXPECT_EQ(MailboxName::from_utf8("Inbox/Sub")->utf8(), "INBOX/Sub");
    EXPECT_EQ(MailboxName::from_utf8("Inboxes")->utf8(), "Inboxes");
    EXPECT_EQ(MailboxName::from_utf8("x/inbox")->utf8(), "x/inbox");
}

// RFC 9051 §5.1, RFC 5198 §2
TEST(MailboxName, IsComposed) {
    struct Case {
        std::string_view written, name;
    };

    for (const Case& each : {
             Case{"U\u0308ber", "Über"},
             Case{"cafe\u0301/e\u0301te\u0301", "café/été"},
             Case{"か\u3099", "が"},
             Case{"\u1112\u1161\u11ab", "한"},
             Case{"A\u030a", "Å"},
             Case{"\u212b", "Å"},
             Case{"iNBOX/O\u0308l", "INBOX/Öl"},
             Case{"ＡＢＣ", "ＡＢＣ"},
         }) {
        const MailboxName name = *MailboxName::from_utf8(each.written);
        EXPECT_EQ(name.utf8(), each.name);
        EXPECT_EQ(*MailboxName::from_wire(each.written, kUtf8), name);
        EXPECT_EQ(*MailboxName::from_wire(encode_modified_utf7(each.written), {}), name);
        EXPECT_EQ(*MailboxName::from_utf8(name.utf8()), name);
    }
    EXPECT_EQ(name_error("a\u0338\u037e*"), MailboxNameError::bad_character);
}

TEST(MailboxName, RefusesWhatCannotBeAName) {
    EXPECT_EQ(name_error(""), MailboxNameError::empty);
    EXPECT_EQ(name_error("a//b"), MailboxNameError::empty_level);
    EXPECT_EQ(name_error("/a"), MailboxNameError::empty_level);
    EXPECT_EQ(name_error("a/"), MailboxNameError::empty_level);
    EXPECT_EQ(name_error("a\nb"), MailboxNameError::bad_character);
    EXPECT_EQ(name_error(std::string_view("a\0b", 3)), MailboxNameError::bad_character);
    EXPECT_EQ(name_error("a\xc2\x85"
                         "b"),
              MailboxNameError::bad_character);
    EXPECT_EQ(name_error("100%"), MailboxNameError::bad_character);
    EXPECT_EQ(name_error("a*"), MailboxNameError::bad_character);
    EXPECT_EQ(name_error("a\xff"), MailboxNameError::bad_utf8);
    EXPECT_EQ(name_error("\xed\xa0\x80"), MailboxNameError::bad_utf8);
    EXPECT_EQ(name_error("\xc0\xaf"), MailboxNameError::bad_utf8);
    EXPECT_EQ(name_error("\xf4\x90\x80\x80"), MailboxNameError::bad_utf8);
    EXPECT_EQ(name_error(std::string(256, 'a')), MailboxNameError::too_long);
    EXPECT_EQ(name_error(std::string(1001, 'a')), MailboxNameError::too_long);
    std::string deep = "a";
    for (std::size_t level = 1; level < kMailboxLevelsMax; ++level)
        deep += "/a";
    EXPECT_TRUE(MailboxName::from_utf8(deep).has_value());
    EXPECT_EQ(name_error(deep + "/a"), MailboxNameError::too_deep);
}

TEST(MailboxName, WireDependsOnTheSession) {
    EXPECT_EQ(MailboxName::from_wire("&ZeVnLIqe-", {})->utf8(), "日本語");
    EXPECT_EQ(MailboxName::from_wire("&ZeVnLIqe-", kUtf8)->utf8(), "&ZeVnLIqe-");
    EXPECT_EQ(MailboxName::from_wire("日本語", kUtf8)->utf8(), "日本語");
    // Clients that never learned modified UTF-7.
    EXPECT_EQ(MailboxName::from_wire("Gönderilmiş & x", {})->utf8(), "Gönderilmiş & x");
    EXPECT_EQ(MailboxName::from_wire("Entw\xfcrfe", {}).error(), MailboxNameError::bad_utf8);
    EXPECT_EQ(MailboxName::from_wire("VALERIA&-MATTEO/2PAX'24", {})->utf8(), "VALERIA&MATTEO/2PAX'24");
    EXPECT_EQ(MailboxName::from_wire("sent & trash", {}).error(), MailboxNameError::bad_utf7);
    EXPECT_EQ(MailboxName::from_wire("&AAo-", {}).error(), MailboxNameError::bad_character);
    EXPECT_EQ(MailboxName::from_wire("a&AAA-", {}).error(), MailboxNameError::bad_character);
    EXPECT_EQ(to_wire("日本語", {}), "&ZeVnLIqe-");
    EXPECT_EQ(to_wire("日本語", kUtf8), "日本語");
}

TEST(MailboxName, Hierarchy) {
    const MailboxName child = *MailboxName::from_utf8("a/b/c");
    EXPECT_EQ(child.parent()->utf8(), "a/b");
    EXPECT_FALSE(MailboxName().parent().has_value());
    EXPECT_TRUE(child.is_below(*MailboxName::from_utf8("a")));
    EXPECT_FALSE(child.is_below(child));
    EXPECT_FALSE(MailboxName::from_utf8("ab")->is_below(*MailboxName::from_utf8("a")));
}

} // namespace
} // namespace tegami::imap
