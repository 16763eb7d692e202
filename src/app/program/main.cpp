// The executable: nothing but the command line.
#include "app/command_line/commands.h"

int main(int argc, char** argv) {
    return tegami::app::run_command_line(argc, argv);
}
