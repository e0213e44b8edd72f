/* The commands of the program. Each takes its own name as argv[0] and returns the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int run_stylize(int argc, char **argv);
int run_transfer(int argc, char **argv);
int run_train(int argc, char **argv);
int run_train_style(int argc, char **argv);
int run_train_styles(int argc, char **argv);
int run_train_features(int argc, char **argv);
int run_train_anime(int argc, char **argv);
int run_train_transfer(int argc, char **argv);
int run_train_recipe(int argc, char **argv);
int run_generate(int argc, char **argv);
int run_optimize(int argc, char **argv);
int run_style(int argc, char **argv);
int run_import(int argc, char **argv);
int run_plan(int argc, char **argv);
int run_info(int argc, char **argv);
int run_eval(int argc, char **argv);
int run_verify(int argc, char **argv);
int run_video(int argc, char **argv);

#endif
