using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.network</c>.</summary>
internal sealed class NetworkValidator : AbstractValidator<NetworkSpec>
{
    public NetworkValidator()
    {
        RuleFor(network => network).Custom((network, context) =>
        {
            SharedRules.CheckEnvironment(context, "nccl.env", network.Nccl.Env);
            if (network.Rdma is { Mode: RdmaMode.Disabled, ResourceName: not null })
                context.AddFailure("rdma.resourceName", "no RDMA resource is asked for in mode Disabled; remove it, or choose Auto");
        });
    }
}
