#include "protocol/imap/command.h"

namespace tegami::imap {

namespace {

/// Names of the alternatives of Command, in their order.
struct NameOf {
    std::string_view operator()(const Capability&) const { return "CAPABILITY"; }

    std::string_view operator()(const Noop&) const { return "NOOP"; }

    std::string_view operator()(const Logout&) const { return "LOGOUT"; }

    std::string_view operator()(const StartTls&) const { return "STARTTLS"; }

    std::string_view operator()(const Authenticate&) const { return "AUTHENTICATE"; }

    std::string_view operator()(const Login&) const { return "LOGIN"; }

    std::string_view operator()(const Enable&) const { return "ENABLE"; }

    std::string_view operator()(const Select&) const { return "SELECT"; }

    std::string_view operator()(const Examine&) const { return "EXAMINE"; }

    std::string_view operator()(const Create&) const { return "CREATE"; }

    std::string_view operator()(const Delete&) const { return "DELETE"; }

    std::string_view operator()(const Rename&) const { return "RENAME"; }

    std::string_view operator()(const Subscribe&) const { return "SUBSCRIBE"; }

    std::string_view operator()(const Unsubscribe&) const { return "UNSUBSCRIBE"; }

    std::string_view operator()(const List&) const { return "LIST"; }

    std::string_view operator()(const Lsub&) const { return "LSUB"; }

    std::string_view operator()(const Namespace&) const { return "NAMESPACE"; }

    std::string_view operator()(const Status&) const { return "STATUS"; }

    std::string_view operator()(const Append&) const { return "APPEND"; }

    std::string_view operator()(const Idle&) const { return "IDLE"; }

    std::string_view operator()(const Check&) const { return "CHECK"; }

    std::string_view operator()(const Close&) const { return "CLOSE"; }

    std::string_view operator()(const Unselect&) const { return "UNSELECT"; }

    std::string_view operator()(const SetAcl&) const { return "SETACL"; }

    std::string_view operator()(const DeleteAcl&) const { return "DELETEACL"; }

    std::string_view operator()(const GetAcl&) const { return "GETACL"; }

    std::string_view operator()(const ListRights&) const { return "LISTRIGHTS"; }

    std::string_view operator()(const MyRights&) const { return "MYRIGHTS"; }

    std::string_view operator()(const Id&) const { return "ID"; }

    std::string_view operator()(const Expunge& command) const { return command.uids ? "UID EXPUNGE" : "EXPUNGE"; }

    std::string_view operator()(const Search& command) const { return either(command, "SEARCH", "UID SEARCH"); }

    std::string_view operator()(const MultiSearch&) const { return "ESEARCH"; }

    std::string_view operator()(const CancelUpdate&) const { return "CANCELUPDATE"; }

    std::string_view operator()(const Sort& command) const { return either(command.search, "SORT", "UID SORT"); }

    std::string_view operator()(const Thread& command) const { return either(command.search, "THREAD", "UID THREAD"); }

    std::string_view operator()(const Fetch& command) const { return either(command, "FETCH", "UID FETCH"); }

    std::string_view operator()(const Store& command) const { return either(command, "STORE", "UID STORE"); }

    std::string_view operator()(const Copy& command) const { return either(command, "COPY", "UID COPY"); }

    std::string_view operator()(const Move& command) const { return either(command, "MOVE", "UID MOVE"); }

private:
    static std::string_view either(const auto& command, std::string_view by_number, std::string_view by_uid) {
        return command.numbering == Numbering::uid ? by_uid : by_number;
    }
};

} // namespace

std::string_view name_of(const Command& command) {
    return std::visit(NameOf{}, command);
}

} // namespace tegami::imap
