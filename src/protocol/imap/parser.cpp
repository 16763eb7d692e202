// The table of commands, and the rules of the short ones.
#include "protocol/imap/parser.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/imap/parse_rules.h"

#include <algorithm>
#include <array>
#include <span>

namespace tegami::imap {

namespace {

using Rule = Parsed<Command> (*)(Cursor&);

template <class Value>
Parsed<Command> without_arguments(Cursor&) {
    return Value{};
}

template <class Value>
Parsed<Command> with_mailbox(Cursor& cursor) {
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(MailboxName mailbox, cursor.mailbox());
    return Value{std::move(mailbox)};
}

/// SELECT and EXAMINE. RFC 9051 §6.3.2: one that fails leaves no mailbox selected. Interop: Apple Mail selects "" to
/// have just that.
template <class Value>
Parsed<Command> selecting(Cursor& cursor) {
    Value select;
    TRY_VOID(cursor.space("a mailbox name"));
    Parsed<MailboxName> mailbox = cursor.mailbox();
    if (!mailbox) {
        mailbox.error().ends_selection = mailbox.error().answer == ParseError::Answer::no;
        return failure(std::move(mailbox).error());
    }
    select.mailbox = *std::move(mailbox);
    TRY(select.parameters, parse_select_parameters(cursor));
    return select;
}

/// Makes a Command of what one of the larger rules read.
template <auto rule>
Parsed<Command> of(Cursor& cursor) {
    TRY(auto value, rule(cursor));
    return Command(std::move(value));
}

template <auto rule, Numbering numbering>
Parsed<Command> numbered(Cursor& cursor) {
    TRY(auto value, rule(cursor, numbering));
    return Command(std::move(value));
}

Parsed<Command> parse_authenticate(Cursor& cursor) {
    Authenticate authenticate;
    TRY_VOID(cursor.space("a mechanism"));
    TRY(const std::string_view mechanism, cursor.atom("a mechanism"));
    authenticate.mechanism = ascii::upper(mechanism);
    Cursor ahead = cursor;
    if (!ahead.accept(' ') || ahead.at_end()) return authenticate;
    cursor = ahead;
    TRY(const std::string response, cursor.astring("an initial response"));
    // RFC 4959 §3: "=" is an initial response of no octets.
    authenticate.initial_response = response == "=" ? std::string() : base64::decode(response);
    if (!authenticate.initial_response) return bad("The initial response is not base64");
    return authenticate;
}

Parsed<Command> parse_login(Cursor& cursor) {
    Login login;
    TRY_VOID(cursor.space("a user name"));
    TRY(login.user, cursor.astring("a user name"));
    TRY_VOID(cursor.space("a password"));
    TRY(login.password, cursor.astring("a password"));
    return login;
}

Parsed<Command> parse_enable(Cursor& cursor) {
    Enable enable;
    TRY_VOID(cursor.space("what to enable"));
    do {
        if (enable.capabilities.size() == kEnableMax) return bad("Too many names");
        TRY(const std::string_view name, cursor.atom("a capability"));
        enable.capabilities.push_back(ascii::upper(name));
    } while (cursor.accept(' '));
    return enable;
}

/// RFC 6154 §3: "(USE (\Drafts))".
Parsed<std::vector<SpecialUse>> parse_use(Cursor& cursor) {
    static constexpr std::array kUses{SpecialUse::all,  SpecialUse::archive, SpecialUse::drafts, SpecialUse::flagged,
                                      SpecialUse::junk, SpecialUse::sent,    SpecialUse::trash};
    std::vector<SpecialUse> uses;
    if (!cursor.accept_word("USE")) return bad("Unknown CREATE parameter");
    TRY_VOID(cursor.space("special uses"));
    TRY_VOID(cursor.expect('('));
    while (!cursor.next_is(')')) {
        TRY_VOID(cursor.expect('\\'));
        TRY(const std::string_view atom, cursor.atom("a special use"));
        const std::string name = "\\" + std::string(atom);
        const auto use = std::ranges::find_if(kUses, [&](SpecialUse u) { return ascii::iequals(name_of(u), name); });
        if (use == kUses.end())
            return failure(ParseError{.tag = {},
                                      .answer = ParseError::Answer::no,
                                      .code = "USEATTR",
                                      .text = "There is no special use " + name});
        if (std::ranges::find(uses, *use) == uses.end()) uses.push_back(*use);
        if (!cursor.accept(' ')) break;
    }
    TRY_VOID(cursor.expect(')'));
    return uses;
}

Parsed<Command> parse_create(Cursor& cursor) {
    Create create;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(create.mailbox, cursor.new_mailbox());
    Cursor ahead = cursor;
    if (!ahead.accept(' ') || !ahead.accept('(')) return create;
    cursor = ahead;
    TRY(create.special_use, parse_use(cursor));
    TRY_VOID(cursor.expect(')'));
    return create;
}

Parsed<Command> parse_rename(Cursor& cursor) {
    Rename rename;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(rename.from, cursor.mailbox());
    TRY_VOID(cursor.space("the new mailbox name"));
    TRY(rename.to, cursor.new_mailbox());
    return rename;
}

Parsed<Command> parse_uid_expunge(Cursor& cursor) {
    Expunge expunge;
    TRY_VOID(cursor.space("a set of UIDs"));
    TRY(expunge.uids, cursor.sequence_set());
    return expunge;
}

template <class Value, Numbering numbering>
Parsed<Command> parse_transfer(Cursor& cursor) {
    Value transfer{.numbering = numbering};
    TRY_VOID(cursor.space("messages"));
    TRY(transfer.set, cursor.sequence_set());
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(transfer.mailbox, cursor.mailbox());
    return transfer;
}

template <class Value>
Parsed<Command> with_identifier(Cursor& cursor) {
    Value value;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(value.mailbox, cursor.mailbox());
    TRY_VOID(cursor.space("an identifier"));
    TRY(value.identifier, cursor.astring("an identifier"));
    return value;
}

/// RFC 4314 §7: mod-rights.
Parsed<Command> parse_set_acl(Cursor& cursor) {
    SetAcl acl;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(acl.mailbox, cursor.mailbox());
    TRY_VOID(cursor.space("an identifier"));
    TRY(acl.identifier, cursor.astring("an identifier"));
    TRY_VOID(cursor.space("rights"));
    TRY(acl.rights, cursor.astring("rights"));
    if (acl.rights.starts_with('+')) acl.mode = StoreMode::add;
    if (acl.rights.starts_with('-')) acl.mode = StoreMode::remove;
    if (acl.mode != StoreMode::replace) acl.rights.erase(0, 1);
    return acl;
}

Parsed<Command> parse_cancel_update(Cursor& cursor) {
    CancelUpdate cancel;
    TRY_VOID(cursor.space("a tag"));
    do {
        if (cancel.tags.size() == kCancelledTagsMax) return bad("Too many tags");
        TRY(std::string tag, cursor.string("a tag"));
        cancel.tags.push_back(std::move(tag));
    } while (cursor.accept(' '));
    return cancel;
}

Parsed<Command> parse_id(Cursor& cursor) {
    Id id;
    TRY_VOID(cursor.space("a list of fields or NIL"));
    if (cursor.accept_word("NIL")) return id;
    TRY_VOID(cursor.expect('('));
    while (!cursor.next_is(')')) {
        if (id.fields.size() == kIdFieldsMax) return bad("Too many ID fields");
        TRY(std::string name, cursor.string("an ID field's name"));
        TRY_VOID(cursor.space("an ID field's value"));
        std::optional<std::string> value;
        if (!cursor.accept_word("NIL")) {
            TRY(value, cursor.string("an ID field's value"));
        }
        id.fields.emplace_back(std::move(name), std::move(value));
        if (!cursor.accept(' ')) break;
    }
    TRY_VOID(cursor.expect(')'));
    return id;
}

struct NamedRule {
    std::string_view name;
    Rule rule;
};

constexpr std::array<NamedRule, 39> kCommands{{
    {"CAPABILITY", without_arguments<Capability>},
    {"NOOP", without_arguments<Noop>},
    {"LOGOUT", without_arguments<Logout>},
    {"STARTTLS", without_arguments<StartTls>},
    {"AUTHENTICATE", parse_authenticate},
    {"LOGIN", parse_login},
    {"ENABLE", parse_enable},
    {"SELECT", selecting<Select>},
    {"EXAMINE", selecting<Examine>},
    {"CREATE", parse_create},
    {"DELETE", with_mailbox<Delete>},
    {"RENAME", parse_rename},
    {"SUBSCRIBE", with_mailbox<Subscribe>},
    {"UNSUBSCRIBE", with_mailbox<Unsubscribe>},
    {"LIST", of<parse_list>},
    {"LSUB", of<parse_lsub>},
    {"NAMESPACE", without_arguments<Namespace>},
    {"STATUS", of<parse_status>},
    {"APPEND", of<parse_append>},
    {"IDLE", without_arguments<Idle>},
    {"CHECK", without_arguments<Check>},
    {"CLOSE", without_arguments<Close>},
    {"UNSELECT", without_arguments<Unselect>},
    {"EXPUNGE", without_arguments<Expunge>},
    {"SEARCH", numbered<parse_search, Numbering::sequence>},
    {"ESEARCH", of<parse_multi_search>},
    {"CANCELUPDATE", parse_cancel_update},
    {"SORT", numbered<parse_sort, Numbering::sequence>},
    {"THREAD", numbered<parse_thread, Numbering::sequence>},
    {"FETCH", numbered<parse_fetch, Numbering::sequence>},
    {"STORE", numbered<parse_store, Numbering::sequence>},
    {"COPY", parse_transfer<Copy, Numbering::sequence>},
    {"MOVE", parse_transfer<Move, Numbering::sequence>},
    {"SETACL", parse_set_acl},
    {"DELETEACL", with_identifier<DeleteAcl>},
    {"GETACL", with_mailbox<GetAcl>},
    {"LISTRIGHTS", with_identifier<ListRights>},
    {"MYRIGHTS", with_mailbox<MyRights>},
    {"ID", parse_id},
}};

constexpr std::array<NamedRule, 8> kUidCommands{{
    {"EXPUNGE", parse_uid_expunge},
    {"SEARCH", numbered<parse_search, Numbering::uid>},
    {"SORT", numbered<parse_sort, Numbering::uid>},
    {"THREAD", numbered<parse_thread, Numbering::uid>},
    {"FETCH", numbered<parse_fetch, Numbering::uid>},
    {"STORE", numbered<parse_store, Numbering::uid>},
    {"COPY", parse_transfer<Copy, Numbering::uid>},
    {"MOVE", parse_transfer<Move, Numbering::uid>},
}};

Rule find_rule(std::span<const NamedRule> rules, std::string_view name) {
    for (const NamedRule& entry : rules) {
        if (ascii::iequals(entry.name, name)) return entry.rule;
    }
    return nullptr;
}

Parsed<Command> parse_after_tag(Cursor& cursor) {
    TRY_VOID(cursor.space("a command"));
    std::string_view name = cursor.word();
    Rule rule = nullptr;
    if (ascii::iequals(name, "UID")) {
        TRY_VOID(cursor.space("a command after UID"));
        name = cursor.word();
        rule = find_rule(kUidCommands, name);
        if (rule == nullptr) return bad("UID knows no command " + ascii::printable(name, 40));
    } else {
        rule = find_rule(kCommands, name);
        if (rule == nullptr) return bad("Unknown command: " + ascii::printable(name, 40));
    }
    TRY(Command command, rule(cursor));
    if (!(std::holds_alternative<Append>(command) && std::get<Append>(command).message.utf8)) TRY_VOID(cursor.end());
    return command;
}

} // namespace

std::string_view tag_of(std::string_view text) {
    constexpr std::string_view kNotInTags = "(){ %*\"\\+";
    std::size_t length = 0;
    while (length < text.size() && ascii::is_vchar(text[length]) && !kNotInTags.contains(text[length]))
        ++length;
    const bool whole = length == text.size() || text[length] == ' ';
    return whole && length <= kTagBytesMax ? text.substr(0, length) : std::string_view();
}

Result<AppendMessage, ParseError> parse_next_message(std::string_view text, EnabledSet enabled) {
    Cursor cursor(text, enabled);
    TRY(AppendMessage message, parse_append_message(cursor));
    if (!message.utf8) TRY_VOID(cursor.end());
    return message;
}

Result<TaggedCommand, ParseError> parse_command(std::string_view text, EnabledSet enabled) {
    const std::string_view tag = tag_of(text);
    if (tag.empty()) return bad("A command begins with a tag, such as \"a1 NOOP\"");
    Cursor cursor(text.substr(tag.size()), enabled);
    Parsed<Command> command = parse_after_tag(cursor);
    if (command) return TaggedCommand{std::string(tag), *std::move(command)};
    command.error().tag = tag;
    return failure(std::move(command).error());
}

} // namespace tegami::imap
