#include "app/command_line/mail_target.h"

#include "base/ascii.h"
#include "base/descriptor.h"
#include "disk/files.h"
#include "transfer/maildir.h"
#include "transfer/mbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tegami::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTargetPieceBytes = std::size_t{128} << 10;

/// A file that is written through a buffer.
class OutFile {
public:
    Result<void, std::string> open(const fs::path& path) {
        path_ = path;
        buffer_.clear();
        file_.emplace(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        return file_->get() >= 0 ? Result<void, std::string>() : trouble();
    }

    Result<void, std::string> write(std::string_view octets) {
        buffer_ += octets;
        return buffer_.size() < kTargetPieceBytes ? Result<void, std::string>() : flush();
    }

    Result<void, std::string> close(std::optional<std::int64_t> date) {
        TRY_VOID(flush());
        const timespec time{.tv_sec = date.value_or(0), .tv_nsec = 0};
        const timespec both[] = {time, time};
        if (date && ::futimens(file_->get(), both) != 0) return trouble();
        file_.reset();
        return {};
    }

private:
    Result<void, std::string> flush() {
        for (std::string_view rest = buffer_; !rest.empty();) {
            const ssize_t written = ::write(file_->get(), rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return trouble();
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        buffer_.clear();
        return {};
    }

    Result<void, std::string> trouble() const {
        return failure(fmt::format("{} cannot be written: {}", path_.string(), std::strerror(errno)));
    }

    fs::path path_;
    std::optional<Descriptor> file_;
    std::string buffer_;
};

Result<void, std::string> make_folder(const fs::path& path) {
    const auto made = disk::make_directory(path.string(), 0700);
    if (!made) return failure(fmt::format("{} cannot be made: {}", path.string(), made.error()));
    return {};
}

Result<void, std::string> write_side_file(const fs::path& path, std::string_view text) {
    const auto written = disk::create_file(path.string(), text, 0600);
    if (!written) return failure(fmt::format("{} cannot be written: {}", path.string(), written.error()));
    return {};
}

std::string without_cr(std::string_view octets) {
    std::string text(octets);
    std::erase(text, '\r'); // a stored message has none but before a line feed
    return text;
}

class MaildirTarget final : public MailTarget {
public:
    explicit MaildirTarget(fs::path folder) : root_(std::move(folder)) {}

    Result<void, std::string> begin_mailbox(const std::string& mailbox, std::uint32_t uid_validity) override {
        const auto name = transfer::folder_of_mailbox(mailbox);
        if (!name) return failure(std::string("a Maildir cannot hold such a long name"));
        folder_ = root_ / *name;
        uid_validity_ = uid_validity;
        keywords_ = {};
        bases_.clear();
        for (const char* const part : {"cur", "new", "tmp"})
            TRY_VOID(make_folder(folder_ / part));
        if (!name->empty()) TRY_VOID(write_side_file(folder_ / "maildirfolder", ""));
        return {};
    }

    Result<void, std::string> begin_message(const transfer::Item& item) override {
        date_ = item.date;
        bases_.push_back(
            fmt::format("{}.N{:010}.tegami", std::max<std::int64_t>(0, item.date.value_or(0)), bases_.size() + 1));
        return file_.open(folder_ / "cur" /
                          (bases_.back() + transfer::print_name_marks(item.marks, keywords_, keywords_left_out_)));
    }

    Result<void, std::string> write(std::string_view octets) override { return file_.write(without_cr(octets)); }

    Result<void, std::string> end_message() override { return file_.close(date_); }

    Result<void, std::string> end_mailbox() override {
        const std::string keywords = transfer::print_keyword_letters(keywords_);
        if (!keywords.empty()) TRY_VOID(write_side_file(folder_ / "dovecot-keywords", keywords));
        return write_side_file(folder_ / "dovecot-uidlist", transfer::print_uid_list(uid_validity_, bases_));
    }

private:
    const fs::path root_;
    fs::path folder_;
    std::uint32_t uid_validity_ = 0;
    transfer::KeywordLetters keywords_;
    std::vector<std::string> bases_; ///< of the files so far
    std::optional<std::int64_t> date_;
    OutFile file_;
};

class MboxTarget final : public MailTarget {
public:
    explicit MboxTarget(fs::path folder) : root_(std::move(folder)) {}

    Result<void, std::string> begin_mailbox(const std::string& mailbox, std::uint32_t) override {
        fs::path path = root_;
        std::string last;
        for (const std::string_view level : ascii::split(mailbox, '/')) {
            if (!last.empty()) path /= last;
            last = file_level(level);
        }
        TRY_VOID(make_folder(path));
        return file_.open(path / (last + ".mbox"));
    }

    Result<void, std::string> begin_message(const transfer::Item& item) override {
        writer_ = {};
        return file_.write(transfer::print_mbox_begin(item));
    }

    Result<void, std::string> write(std::string_view octets) override { return file_.write(writer_.write(octets)); }

    Result<void, std::string> end_message() override { return file_.write(writer_.finish()); }

    Result<void, std::string> end_mailbox() override { return file_.close({}); }

private:
    /// No level is a hidden file, and none is taken for the file of another mailbox or the part of a Maildir.
    static std::string file_level(std::string_view level) {
        if (level == "cur") return "%63ur";
        if (level == "new") return "%6Eew";
        std::string name;
        for (std::size_t at = 0; at < level.size(); ++at) {
            const bool dot =
                level[at] == '.' && (at == 0 || level.substr(at) == ".mbox" || level.substr(at) == ".sbd" ||
                                     ascii::iequals(level.substr(at), ".eml"));
            name += level[at] == '%' ? "%25" : dot ? "%2E" : std::string(1, level[at]);
        }
        return name;
    }

    const fs::path root_;
    OutFile file_;
    transfer::MboxWriter writer_;
};

} // namespace

Result<std::unique_ptr<MailTarget>, std::string> make_target(const fs::path& folder, MailForm form) {
    std::error_code error;
    if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error)))
        return failure(fmt::format("{} is not empty: an export goes into a new folder", folder.string()));
    TRY_VOID(make_folder(folder));
    if (form == MailForm::maildir) return std::make_unique<MaildirTarget>(folder);
    return std::make_unique<MboxTarget>(folder);
}

Result<void, std::string> finish_target(const fs::path& folder, MailForm form,
                                        const std::vector<std::string>& subscribed) {
    // Each where no mailbox can be.
    const char* const name = form == MailForm::maildir ? "subscriptions" : ".subscriptions";
    TRY_VOID(write_side_file(folder / name, transfer::print_subscriptions(subscribed)));
    const Descriptor there(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (there.get() < 0 || ::syncfs(there.get()) != 0)
        return failure(fmt::format("{} cannot be written to the disk: {}", folder.string(), std::strerror(errno)));
    return {};
}

} // namespace tegami::app
