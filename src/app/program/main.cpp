// The executable: the command line, and the files of the web face.
#include "app/command_line/commands.h"

int main(int argc, char** argv) {
    return tegami::app::run_command_line(argc, argv, tegami::webd::embedded_files());
}
