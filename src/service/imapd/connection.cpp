// serve_imap: one connection from greeting to end. Reads commands, checks their state, runs them, tells the news and
// the tagged answer; the only place where a transport that ended is caught.
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"

#include "base/assert.h"
#include "protocol/imap/parser.h"
#include "service/imapd/resync.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <variant>

namespace tegami::imapd {

namespace {

using imap::StatusWord;

/// Limit: what a client gets to take our last words and hang up.
constexpr Duration kFarewellTimeout = std::chrono::seconds(5);

/// The state a command needs (RFC 9051 §3).
enum class Needs : std::uint8_t { nothing, no_login, login, selection };

template <class Command>
constexpr Needs kNeeds = Needs::login;
template <>
constexpr Needs kNeeds<imap::Capability> = Needs::nothing;
template <>
constexpr Needs kNeeds<imap::Noop> = Needs::nothing;
template <>
constexpr Needs kNeeds<imap::Logout> = Needs::nothing;
template <>
constexpr Needs kNeeds<imap::Id> = Needs::nothing;
template <>
constexpr Needs kNeeds<imap::StartTls> = Needs::no_login;
template <>
constexpr Needs kNeeds<imap::Authenticate> = Needs::no_login;
template <>
constexpr Needs kNeeds<imap::Login> = Needs::no_login;
template <>
constexpr Needs kNeeds<imap::Check> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Close> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Unselect> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Expunge> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Search> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::CancelUpdate> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Sort> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Thread> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Fetch> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Store> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Copy> = Needs::selection;
template <>
constexpr Needs kNeeds<imap::Move> = Needs::selection;

/// Why the command cannot be run in the present state; nothing if it can.
std::optional<Completion> wrong_state(const Session& session, const imap::Command& command) {
    const Needs needs = std::visit([]<class Command>(const Command&) { return kNeeds<Command>; }, command);
    switch (needs) {
    case Needs::nothing: return std::nullopt;
    case Needs::no_login:
        if (session.identity) return bad("You are logged in already");
        return std::nullopt;
    case Needs::selection:
        if (!session.selected) return bad("No mailbox is selected");
        return std::nullopt;
    case Needs::login: break;
    }
    if (!session.identity) return bad("Log in first");
    return std::nullopt;
}

/// RFC 7162 §3.2.10.2: a UID SEARCH that names sequence numbers is as bound to them as SEARCH.
Moment moment_of_search(const imap::Search& search) {
    const auto names_numbers = [](const imap::SearchKey& key) {
        const auto* const set = std::get_if<imap::SearchSet>(&key.value);
        return set && set->numbering == imap::Numbering::sequence && !set->set.is_saved_result();
    };
    const bool by_number = search.numbering == imap::Numbering::sequence || imap::any_key(search.key, names_numbers);
    return by_number ? Moment::numbers_in_use : Moment::safe;
}

/// RFC 9051 §7.5.1: during FETCH, STORE and SEARCH by sequence number no EXPUNGE may be told.
Moment moment_of(const imap::Command& command) {
    const auto by_number = [](imap::Numbering numbering) {
        return numbering == imap::Numbering::sequence ? Moment::numbers_in_use : Moment::safe;
    };
    if (const auto* const fetch = std::get_if<imap::Fetch>(&command)) return by_number(fetch->numbering);
    if (const auto* const store = std::get_if<imap::Store>(&command)) return by_number(store->numbering);
    if (const auto* const search = std::get_if<imap::Search>(&command)) return moment_of_search(*search);
    if (const auto* const several = std::get_if<imap::MultiSearch>(&command)) return moment_of_search(several->search);
    if (const auto* const sort = std::get_if<imap::Sort>(&command)) return moment_of_search(sort->search);
    if (const auto* const thread = std::get_if<imap::Thread>(&command)) return moment_of_search(thread->search);
    return Moment::safe;
}

void say_bye(Session& session, std::string_view text) {
    imap::append_status(session.out(), "", StatusWord::bye, "", text);
    session.ended = true;
}

void count_bad_command(Session& session) {
    const Limits& limits = session.service->limits;
    const unsigned allowed = session.identity ? limits.bad_commands : limits.bad_commands_before_login;
    if (++session.bad_commands >= allowed && !session.ended) say_bye(session, "Too many commands that make no sense");
}

void refuse(Session& session, std::string_view tag, StatusWord word, std::string_view code, std::string_view text) {
    imap::append_status(session.out(), tag, word, code, text);
    if (word == StatusWord::bad) count_bad_command(session);
}

/// News, then the tagged answer.
async::Awaitable<> complete(Session* session, std::string name, Moment moment, Completion completion) {
    co_await announce(session, moment);
    // RFC 7162 §3.2: the client has heard of mod-sequences above that of an expunge that it may not be told yet.
    if (session->selected && session->enabled.contains(imap::Enabled::qresync) &&
        session->selected->numbers().owes_expunges() && !session->ended)
        imap::append_status(session->out(), "", StatusWord::ok, imap::code::highest_modseq(told_modseq(*session).value),
                            "What is gone is told later");
    if (completion.text.empty()) completion.text = name + " completed";
    imap::append_status(session->out(), session->tag, completion.word, completion.code, completion.text);
    if (completion.word == StatusWord::bad)
        count_bad_command(*session);
    else if (session->identity)
        session->bad_commands = 0;
    session->input.restart_patience();
    co_await session->output.flush_if_full();
}

async::Awaitable<> start_tls(Session* session) {
    co_await session->output.flush();
    // RFC 9051 §6.2.1: what was sent in the clear behind STARTTLS is not taken for commands under TLS.
    session->input.reader().discard_input();
    session->stream->set_deadline(session->service->timers->instant() + session->service->limits.login_timeout);
    const net::IoResult<> secured = co_await session->stream->start_tls(session->service->tls->get());
    if (!secured) throw TransportEnded{secured.error()};
    session->start_tls_next = false;
    session->enabled = {};
}

async::Awaitable<> execute(Session* session, imap::TaggedCommand tagged) {
    session->tag = std::move(tagged.tag);
    const std::string name(imap::name_of(tagged.command));
    const Moment moment = moment_of(tagged.command);
    std::optional<Completion> refused = wrong_state(*session, tagged.command);
    ++session->commands;
    if (!session->identity && session->commands > session->service->limits.commands_before_login) {
        say_bye(*session, "Too many commands before login");
        co_return;
    }
    if (refused) {
        if (std::holds_alternative<imap::Append>(tagged.command)) session->input.reader().append_refused();
        co_await complete(session, name, moment, *std::move(refused));
        co_return;
    }
    if (session->selected && !session->selected->may_read()) {
        say_bye(*session, "The owner of this mailbox shares it with you no more");
        co_return;
    }
    const bool was_logged_in = session->identity.has_value();
    const bool idles = std::holds_alternative<imap::Idle>(tagged.command);
    const Instant begun = session->service->timers->instant();
    async::Awaitable<Completion> running =
        std::visit([session](auto&& command) { return run(session, std::forward<decltype(command)>(command)); },
                   std::move(tagged.command));
    Completion completion = co_await std::move(running);
    co_await complete(session, name, moment, std::move(completion));
    if (session->service->command_times != nullptr && !idles)
        session->service->command_times->add(session->service->timers->instant() - begun);
    if (session->start_tls_next) {
        co_await start_tls(session);
    }
    if (!was_logged_in && session->login_failures >= session->service->limits.login_failures)
        say_bye(*session, "Too many failed logins");
}

async::Awaitable<> parse_and_execute(Session* session, std::string text, bool is_append) {
    Result<imap::TaggedCommand, imap::ParseError> command = imap::parse_command(text, session->enabled);
    const bool parsed_append = command && std::holds_alternative<imap::Append>(command->command);
    if (command && parsed_append == is_append) {
        co_await execute(session, *std::move(command));
        co_return;
    }
    if (is_append) session->input.reader().append_refused();
    if (command) {
        refuse(*session, command->tag, StatusWord::bad, "", "The message of an APPEND is missing");
        co_return;
    }
    const imap::ParseError& error = command.error();
    if (error.ends_selection) co_await leave_mailbox(session);
    const StatusWord word = error.answer == imap::ParseError::Answer::no ? StatusWord::no : StatusWord::bad;
    refuse(*session, error.tag, word, error.code, error.text);
}

async::Awaitable<> handle(Session* session, imap::ReaderEvent event) {
    if (auto* const command = std::get_if<imap::CommandText>(&event)) {
        co_await parse_and_execute(session, std::move(command->text), false);
    } else if (auto* const append = std::get_if<imap::AppendStarted>(&event)) {
        session->append_waits = append->waiting;
        co_await parse_and_execute(session, std::move(append->text), true);
    } else if (const auto* const refused = std::get_if<imap::Refused>(&event)) {
        refuse(*session, refused->tag, refused->code.empty() ? StatusWord::bad : StatusWord::no, refused->code,
               refused->text);
    } else {
        const auto* const abandoned = std::get_if<imap::Abandoned>(&event);
        ASSERT(abandoned); // everything else comes only when a command has asked for it
        say_bye(*session, abandoned->text);
    }
}

async::Awaitable<> converse(Session* session, bool admitted) {
    if (session->options.tls == TlsMode::implicit) {
        co_await start_tls(session);
    }
    if (!admitted) {
        say_bye(*session, "Too many connections; try again later");
        co_return;
    }
    const std::string greeting = session->service->host_name + " Tegami is ready";
    imap::append_status(session->out(), "", StatusWord::ok, imap::code::capability(capabilities(*session)), greeting);
    while (!session->ended) {
        imap::ReaderEvent event = co_await session->input.next();
        co_await handle(session, std::move(event));
    }
    co_await session->output.flush();
}

/// The last words to a client that has not asked to leave, if it can still hear them.
async::Awaitable<> say_goodbye(Session* session, std::optional<net::IoError> reason) {
    if (reason == net::IoError::timed_out && session->input.waiting())
        say_bye(*session,
                session->account_changed ? "Your account has changed; log in again" : "You have been silent too long");
    if (reason == net::IoError::cancelled && session->input.waiting()) say_bye(*session, "The server is closing");
    try {
        co_await session->output.flush();
    } catch (const TransportEnded&) {
        session->stream->close();
    }
    co_await session->deselect();
    // Nobody waits for clients while the server closes.
    if (reason == net::IoError::cancelled) session->stream->close();
    session->stream->set_deadline(session->service->timers->instant() + kFarewellTimeout);
    co_await session->stream->finish();
}

/// For the log.
std::string_view why_ended(const Session& session, std::optional<net::IoError> reason) {
    if (!reason) return "logout";
    if (reason == net::IoError::timed_out && session.account_changed) return "the account has changed";
    return net::describe(*reason);
}

} // namespace

async::Awaitable<> serve_imap(Dependencies* service, std::unique_ptr<net::Stream> stream, ListenerOptions options,
                              bool admitted) {
    Session session(service, stream.get(), options);
    std::optional<net::IoError> reason;
    std::exception_ptr cancelled;
    try {
        co_await converse(&session, admitted);
    } catch (const TransportEnded& ended) {
        reason = ended.reason;
    } catch (const boost::system::system_error&) {
        reason = net::IoError::cancelled;
        cancelled = std::current_exception();
    }
    // What still has to be said is short and has a deadline, so the task may end a moment after it was cancelled.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await say_goodbye(&session, reason);
    service->log->info("connection ended", {{"service", "imap"},
                                            {"client", session.client},
                                            {"account", session.identity ? session.identity->address.to_string() : ""},
                                            {"reason", why_ended(session, reason)},
                                            {"commands", session.commands},
                                            {"bytes_sent", session.output.bytes_sent()}});
    if (cancelled) std::rethrow_exception(cancelled);
}

} // namespace tegami::imapd
