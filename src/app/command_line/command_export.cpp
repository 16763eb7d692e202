// tegami export
#include "app/command_line/command.h"
#include "app/command_line/commands.h"

#include "app/command_line/mail_target.h"
#include "app/command_line/phrase.h"
#include "app/command_line/transfer_progress.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

class ExportRun {
public:
    ExportRun(Commands& commands, std::string address, MailTarget& target, json::array mailboxes, bool as_json)
        : commands_(commands), address_(std::move(address)), target_(target), mailboxes_(std::move(mailboxes)),
          progress_(as_json, total()) {}

    /// Writes every mailbox. False: it cannot go on.
    bool run() {
        for (const json::value& value : mailboxes_) {
            const json::object& mailbox = value.as_object();
            if (mailbox.at("selectable").as_bool() && !export_mailbox(mailbox)) return false;
        }
        return true;
    }

    /// The exit status.
    int end() {
        if (const std::size_t keywords = target_.keywords_left_out(); keywords > 0)
            leave(say("{} left out: a Maildir has room for 26 different ones in each folder",
                      count_of(keywords, "keyword")));
        progress_.tell({{"event", "done"}, {"messages", messages_}, {"left", left_}},
                       say("{}: {} written.", address_, count_of(messages_, "message")));
        return left_ == 0 ? kDone : kFailed;
    }

private:
    std::uint64_t total() const {
        std::uint64_t bytes = 0;
        for (const json::value& mailbox : mailboxes_)
            bytes += mailbox.at("bytes").to_number<std::uint64_t>();
        return bytes;
    }

    void leave(const std::string& sentence) {
        ++left_;
        progress_.complain_of({{"event", "left"}, {"reason", sentence}}, sentence);
    }

    bool export_mailbox(const json::object& mailbox) {
        const std::string name = text_of(mailbox, "name");
        const auto begun = target_.begin_mailbox(name, mailbox.at("uid_validity").to_number<std::uint32_t>());
        if (!begun) {
            leave(fmt::format("{}: {}", name, begun.error()));
            return true;
        }
        trouble_.clear();
        transfer::ItemReader reader;
        const bool came =
            commands_.receive_mail({{"address", address_}, {"mailbox", name}}, [&](std::string_view octets) {
                reader.feed(std::string(octets));
                return take(reader, name);
            });
        if (!came) return false;
        if (trouble_.empty() && !reader.at_end()) trouble_ = fmt::format("{} was cut off", name);
        if (trouble_.empty())
            if (const auto ended = target_.end_mailbox(); !ended) trouble_ = ended.error();
        if (!trouble_.empty()) leave(trouble_);
        return trouble_.empty();
    }

    /// What has come. False: no more is wanted.
    bool take(transfer::ItemReader& reader, const std::string& mailbox) {
        for (;;) {
            auto event = reader.next();
            if (std::holds_alternative<transfer::ItemReader::NeedMore>(event)) return true;
            if (std::holds_alternative<transfer::ItemReader::Malformed>(event)) trouble_ = "what came is no mail";
            Result<void, std::string> done;
            if (const auto* const item = std::get_if<transfer::Item>(&event)) {
                readable_ = item->bytes > 0;
                if (readable_)
                    done = target_.begin_message(*item);
                else
                    leave(fmt::format("a message of {} cannot be read: see tegami verify --blobs", mailbox));
            } else if (const auto* const octets = std::get_if<transfer::ItemReader::Octets>(&event)) {
                done = target_.write(octets->octets);
                bytes_ += octets->octets.size();
            } else if (std::holds_alternative<transfer::ItemReader::End>(event) && readable_) {
                done = target_.end_message();
                progress_.show(++messages_, bytes_);
            }
            if (!done) trouble_ = done.error();
            if (!trouble_.empty()) return false;
        }
    }

    Commands& commands_;
    const std::string address_;
    MailTarget& target_;
    const json::array mailboxes_;
    TransferProgress progress_;
    std::string trouble_;
    bool readable_ = true; ///< the message that comes
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t left_ = 0;
};

int export_mail(Commands& commands, const Arguments& arguments) {
    const std::string& address = arguments.text("ACCOUNT");
    const std::string folder = absolute_path(arguments.text("TARGET"));
    const MailForm form = arguments.text("--format") == "mbox" ? MailForm::mbox : MailForm::maildir;
    const auto mailboxes = commands.ask_all("/mail/mailboxes", {{"address", address}}, "mailboxes");
    if (!mailboxes) return commands.status();
    const auto target = make_target(folder, form);
    if (!target) return complain(kFailed, target.error());
    std::vector<std::string> subscribed;
    for (const json::value& mailbox : *mailboxes)
        if (mailbox.at("subscribed").as_bool()) subscribed.push_back(text_of(mailbox.as_object(), "name"));
    ExportRun run(commands, address, **target, *mailboxes, arguments.flag("--json"));
    if (!run.run()) return kFailed;
    if (const auto finished = finish_target(folder, form, subscribed); !finished)
        return complain(kFailed, finished.error());
    return run.end();
}

} // namespace

Command export_command() {
    return {.name = "export",
            .help = "Write an account's mail into a new folder, as a Maildir or mbox files",
            .options = {{.kind = Option::Kind::text,
                         .name = "ACCOUNT",
                         .help = "The account's address",
                         .required = true,
                         .names = Option::Names::accounts},
                        {.kind = Option::Kind::text, .name = "TARGET", .help = "The new folder", .required = true},
                        {.kind = Option::Kind::text,
                         .name = "--format",
                         .help = "How it is kept there",
                         .value = "FORM",
                         .otherwise = "maildir",
                         .one_of = {"maildir", "mbox"}},
                        {.name = "--json", .help = "Print one line of JSON for each event"}},
            .footer = "The Maildir is as Dovecot keeps it. What is exported and imported again is the same.\n"
                      "Examples:\n  tegami export anna@example.org /srv/anna-maildir\n"
                      "  tegami export anna@example.org /srv/anna-mbox --format mbox",
            .run = export_mail};
}

} // namespace tegami::app
