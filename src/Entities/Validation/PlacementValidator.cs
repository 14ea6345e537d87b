using FluentValidation;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.placement</c>.</summary>
internal sealed class PlacementValidator : AbstractValidator<PlacementSpec>
{
    public PlacementValidator()
    {
        RuleFor(placement => placement).Custom((placement, context) =>
        {
            SharedRules.CheckLabels(context, "nodeSelector", placement.NodeSelector);
            for (var i = 0; i < (placement.Tolerations?.Count ?? 0); i++)
                CheckToleration(context, $"tolerations[{i}]", placement.Tolerations![i]);
            if (placement.GpuSelector is { MinComputeCapability: not null, Vendors: { Count: > 0 } vendors } && !vendors.Contains(GpuVendor.NVIDIA))
                context.AddFailure("gpuSelector.minComputeCapability", "only NVIDIA GPUs have a compute capability; remove it, or add NVIDIA to gpuSelector.vendors");
        });
    }

    private static void CheckToleration(ValidationContext<PlacementSpec> context, string field, V1Toleration toleration)
    {
        if (toleration is { Operator: "Exists", Value.Length: > 0 })
            context.AddFailure(field + ".value", "operator Exists compares no value; remove the value, or choose Equal");
        if (string.IsNullOrEmpty(toleration.Key) && toleration.Operator != "Exists")
            context.AddFailure(field + ".operator", "a toleration without a key needs the operator Exists; add it, or give the key");
        if (toleration is { TolerationSeconds: not null, Effect: not "NoExecute" })
            context.AddFailure(field + ".effect", "tolerationSeconds belongs to the effect NoExecute; set it, or remove tolerationSeconds");
        if (!string.IsNullOrEmpty(toleration.Key) && !KubernetesNames.IsQualifiedName(toleration.Key))
            context.AddFailure(field + ".key", $"'{toleration.Key}' is no key of a taint; {KubernetesNames.QualifiedNameRemedy}");
    }
}
