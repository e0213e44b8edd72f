// libgan's handles as C++17 objects: freed when they go out of scope, errors as exceptions. This is all it
// takes; copy it into your project and let it grow with what you need.
#ifndef EXAMPLE_GAN_HPP
#define EXAMPLE_GAN_HPP

#include <gan/gan.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace gan
{

class Error : public std::runtime_error
{
  public:
    explicit Error(gan_status status) : std::runtime_error(gan_error_message()), status_(status)
    {
    }

    gan_status status() const noexcept
    {
        return status_;
    }

  private:
    gan_status status_;
};

inline void check(gan_status status)
{
    if (status != GAN_OK)
        throw Error(status);
}

// A unique_ptr that knows which call frees its handle.
template <auto release> struct Release {
    template <typename Handle> void operator()(Handle *handle) const noexcept
    {
        release(handle);
    }
};

using Context = std::unique_ptr<gan_context, Release<gan_context_free>>;
using Tensor = std::unique_ptr<gan_tensor, Release<gan_tensor_free>>;
using Graph = std::unique_ptr<gan_graph, Release<gan_graph_free>>;
using Model = std::unique_ptr<gan_model, Release<gan_model_free>>;
using Session = std::unique_ptr<gan_session, Release<gan_session_free>>;
using Stylizer = std::unique_ptr<gan_stylizer, Release<gan_stylizer_free>>;
using Optimizer = std::unique_ptr<gan_optimizer, Release<gan_optimizer_free>>;
using Objective = std::unique_ptr<gan_objective, Release<gan_objective_free>>;

// out(model): for the argument through which a call gives a new handle. The owner takes it at the end of the
// statement, as with std::out_ptr of C++23.
template <typename Owner> class Out
{
  public:
    explicit Out(Owner &owner) noexcept : owner_(owner)
    {
    }
    Out(const Out &) = delete;
    Out &operator=(const Out &) = delete;
    ~Out()
    {
        owner_.reset(handle_);
    }

    operator typename Owner::pointer *() noexcept
    {
        return &handle_;
    }

  private:
    Owner &owner_;
    typename Owner::pointer handle_ = nullptr;
};

template <typename Owner> Out<Owner> out(Owner &owner) noexcept
{
    return Out<Owner>(owner);
}

// The numbers of a float32 tensor, for range-based loops; valid as long as the tensor.
struct Values {
    float *first, *last;
    float *begin() const noexcept
    {
        return first;
    }
    float *end() const noexcept
    {
        return last;
    }
};

inline Values values(const Tensor &tensor)
{
    if (gan_tensor_type(tensor.get()) != GAN_FLOAT32)
        throw std::invalid_argument("not a tensor of float32");
    auto *first = static_cast<float *>(gan_tensor_data(tensor.get()));
    return {first, first + gan_tensor_count(tensor.get())};
}

} // namespace gan

#endif
