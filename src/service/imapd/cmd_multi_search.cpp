// ESEARCH (RFC 7377): one search in several mailboxes, of which each that has matches answers for itself. The word index
// is asked once for all of them.
//
// 1. A mailbox that is not selected is opened for as long as it is searched; nothing in it is claimed as recent.
// 2. One that is removed meanwhile has no matches.
#include "async/turns.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"
#include "service/imapd/search_context.h"
#include "service/imapd/search_messages.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace tegami::imapd {

namespace {

using Which = imap::SearchSource::Which;

/// Names of mailboxes looked at before others on this thread get their turn.
constexpr std::size_t kTurnNames = 256;

/// The sources of a command, each once.
struct WantedMailboxes {
    bool selected = false;
    bool personal = false;
    bool subscribed = false;
    std::set<std::string> named;
    std::set<std::string> trees;
    std::set<std::string> parents; ///< of those that are wanted; wanted themselves
};

WantedMailboxes wanted_by(const imap::MultiSearch& command) {
    WantedMailboxes wanted;
    wanted.selected = command.sources.empty();
    for (const imap::SearchSource& source : command.sources) {
        std::set<std::string>* names = nullptr;
        switch (source.which) {
        case Which::selected: wanted.selected = true; break;
        // RFC 5465 §6.3: rules of delivery may name any mailbox.
        case Which::inboxes:
        case Which::personal: wanted.personal = true; break;
        case Which::subscribed: wanted.subscribed = true; break;
        case Which::subtree: names = &wanted.trees; break;
        case Which::subtree_one: names = &wanted.parents; break;
        case Which::mailboxes: names = &wanted.named; break;
        }
        for (const imap::MailboxName& name : source.names)
            if (names != nullptr) names->insert(name.utf8());
    }
    return wanted;
}

/// True if the name, or one above it, is in the set.
bool is_in_trees(std::string_view name, const std::set<std::string>& trees) {
    while (!trees.empty()) {
        if (trees.contains(std::string(name))) return true;
        const std::size_t end = name.rfind(imap::kHierarchyDelimiter);
        if (end == std::string_view::npos) break;
        name = name.substr(0, end);
    }
    return false;
}

bool is_wanted(const WantedMailboxes& wanted, const store::MailboxInfo& mailbox) {
    if (wanted.personal || (wanted.subscribed && mailbox.subscribed) || wanted.named.contains(mailbox.name))
        return true;
    if (is_in_trees(mailbox.name, wanted.trees)) return true;
    if (wanted.parents.contains(mailbox.name)) return true;
    const std::size_t end = mailbox.name.rfind(imap::kHierarchyDelimiter);
    return end != std::string::npos && wanted.parents.contains(mailbox.name.substr(0, end));
}

/// One ESEARCH while it runs.
struct MultiSearchJob {
    Session* session;
    const imap::MultiSearch* command;
    std::vector<store::MailboxPtr> mailboxes; ///< by name
    const imap::SearchProgram* program;       ///< good for all of them, unless the search names messages
    bool names_messages = false;
    const IndexAnswers* known = nullptr;
    bool searched_selected = false;
    SearchFound overall; ///< without matches

    bool is_selected(const store::MailboxInfo& mailbox) const {
        return session->selected && is_own_selected() && session->selected->id() == mailbox.id;
    }

    /// The selected mailbox is one of the user's own account.
    bool is_own_selected() const {
        return session->selected && session->selected->account().id() == session->home->id();
    }

    bool wants(imap::SearchReturn option) const {
        return command->search.returns && command->search.returns->contains(option);
    }
};

/// Finds the mailboxes; one that is damaged is noted.
async::Awaitable<> choose_mailboxes(MultiSearchJob* job) {
    const WantedMailboxes wanted = wanted_by(*job->command);
    const std::shared_ptr<const store::MailboxList> list = job->session->home->mailboxes();
    std::size_t looked_at = 0;
    for (const store::MailboxPtr& mailbox : list->all()) {
        if (++looked_at % kTurnNames == 0) {
            co_await async::give_way();
        }
        if (!is_wanted(wanted, *mailbox) && !(wanted.selected && job->is_selected(*mailbox))) continue;
        if (mailbox->damaged)
            job->overall.damage = store::Error{store::ErrorCode::damaged, "the record of a mailbox cannot be read"};
        if (mailbox->selectable) job->mailboxes.push_back(mailbox);
    }
}

/// Searches messages of this mailbox and answers; a completion ends the command.
async::Awaitable<std::optional<Completion>> search_view(MultiSearchJob* job, const store::MailboxInfo* mailbox,
                                                        const SessionView* numbers) {
    Session* const session = job->session;
    const imap::Search& search = job->command->search;
    const bool selected = session->selected && numbers == &session->selected->numbers();
    const SearchPlace place{.account = selected ? &session->selected->account() : session->home.get(),
                            .numbers = numbers};
    std::optional<imap::SearchProgram> own;
    if (job->names_messages) {
        Result<imap::SearchProgram, Completion> compiled =
            compile_search(*session, numbers, search.key, search.charset);
        if (!compiled) co_return compiled.error();
        own = *std::move(compiled);
    }
    const imap::SearchProgram* const program = own ? &*own : job->program;
    const Result<SearchFound, Completion> found =
        co_await find_messages_in(session, place, &search.key, program, job->known);
    if (!found) co_return found.error();
    job->overall.some_gone = job->overall.some_gone || found->some_gone;
    if (found->damage) job->overall.damage = found->damage;
    if (selected && job->wants(imap::SearchReturn::save))
        session->selected->numbers().save_result(to_save(search, found->matches));
    if (!found->matches.empty()) {
        const imap::EsearchMailbox name{mailbox->name, mailbox->uid_validity, session->enabled};
        const EsearchAnswer answer{.command = &search, .place = place, .found = &*found, .mailbox = &name};
        co_await write_esearch(session, answer);
    }
    if (selected && job->wants(imap::SearchReturn::update)) begin_context(session, search, *found);
    job->searched_selected = job->searched_selected || selected;
    co_return std::nullopt;
}

/// Searches the selected mailbox if it is another account's: of those only this one can be meant.
async::Awaitable<std::optional<Completion>> search_foreign(MultiSearchJob* job) {
    Session* const session = job->session;
    if (!session->selected || job->is_own_selected()) co_return std::nullopt;
    const WantedMailboxes wanted = wanted_by(*job->command);
    if (!wanted.selected && !wanted.named.contains(session->selected_name)) co_return std::nullopt;
    const store::MailboxPtr mailbox = session->selected->account().mailboxes()->find(session->selected->id());
    if (!mailbox) co_return std::nullopt;
    co_await take_news(session);
    store::MailboxInfo named = *mailbox;
    named.name = session->selected_name;
    const store::AccountId account = session->selected->account().id();
    const IndexAnswers known = co_await ask_index(session, account, job->program, mailbox->messages);
    const IndexAnswers* const of_own = std::exchange(job->known, &known);
    auto ended = co_await search_view(job, &named, &session->selected->numbers());
    job->known = of_own;
    co_return ended;
}

/// Searches one of the mailboxes; a completion ends the command.
async::Awaitable<std::optional<Completion>> search_mailbox(MultiSearchJob* job, store::MailboxPtr mailbox) {
    Session* const session = job->session;
    if (job->is_selected(*mailbox)) {
        co_await take_news(session);
        co_return co_await search_view(job, mailbox.get(), &session->selected->numbers());
    }
    if (mailbox->messages == 0) co_return std::nullopt;
    const store::StoreResult<store::OpenMailboxPtr> open = co_await session->home->open(mailbox->id);
    if (!open) {
        const store::ErrorCode code = open.error().code;
        if (code == store::ErrorCode::not_found || code == store::ErrorCode::invalid) co_return std::nullopt;
        if (code != store::ErrorCode::damaged) co_return failed(open.error(), session->service->log);
        job->overall.damage = open.error();
        co_return std::nullopt;
    }
    UidSet recent;
    const store::ViewPtr view = (*open)->view();
    if (mailbox->first_recent < view->uid_next())
        recent = UidSet::range(mailbox->first_recent, Uid(view->uid_next().value - 1));
    const SessionView numbers(view, std::move(recent));
    co_return co_await search_view(job, mailbox.get(), &numbers);
}

bool is_set_of_messages(const imap::SearchKey& key) {
    return std::holds_alternative<imap::SearchSet>(key.value);
}

/// Why the command makes no sense now (RFC 7377 §2.2); nothing if it does.
std::optional<Completion> refused(const Session& session, const imap::MultiSearch& command) {
    const auto means_selected = [](const imap::SearchSource& source) { return source.which == Which::selected; };
    const bool updates = command.search.returns && command.search.returns->contains(imap::SearchReturn::update);
    const bool needs_selection =
        updates || command.sources.empty() || std::ranges::any_of(command.sources, means_selected);
    if (needs_selection && !session.selected) return bad("No mailbox is selected");
    if (updates && is_context(session, session.tag)) return bad("The result of a search with this tag is kept");
    return std::nullopt;
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::MultiSearch command) {
    if (std::optional<Completion> nonsense = refused(*session, command)) co_return *std::move(nonsense);
    const imap::Search& search = command.search;
    const Result<imap::SearchProgram, Completion> program =
        compile_search(*session, nullptr, search.key, search.charset);
    MultiSearchJob job{.session = session,
                       .command = &command,
                       .program = program ? &*program : nullptr,
                       .names_messages = imap::any_key(search.key, is_set_of_messages)};
    if (!program) {
        // RFC 9051 §6.4.4.1: a search that is refused empties "$".
        if (job.wants(imap::SearchReturn::save)) session->selected->numbers().save_result({});
        co_return program.error();
    }
    if (asks_modseq(search.key)) begin_condstore(session);
    co_await choose_mailboxes(&job);
    const std::uint64_t messages =
        std::accumulate(job.mailboxes.begin(), job.mailboxes.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const store::MailboxPtr& mailbox) { return sum + mailbox->messages; });
    const IndexAnswers known = co_await ask_index(session, session->home->id(), &*program, messages);
    job.known = &known;
    for (std::size_t at = 0; at < job.mailboxes.size(); ++at) {
        std::optional<Completion> ended = co_await search_mailbox(&job, job.mailboxes[at]);
        if (ended) co_return *std::move(ended);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    std::optional<Completion> ended = co_await search_foreign(&job);
    if (ended) co_return *std::move(ended);
    // RFC 7377 §2.2: the result is kept up to date for the selected mailbox alone.
    if (job.wants(imap::SearchReturn::update) && !job.searched_selected) refuse_context(session);
    co_return search_ended(*session, job.overall);
}

} // namespace tegami::imapd
