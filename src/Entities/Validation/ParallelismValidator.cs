using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules between explicit parallelism and the scope.</summary>
internal sealed class ParallelismValidator : AbstractValidator<ModelDeploymentSpec>
{
    public ParallelismValidator()
    {
        RuleFor(spec => spec).Custom((spec, context) =>
        {
            if (spec.Engine.Parallelism is not { } parallelism) return;
            var gpus = (long)(parallelism.Tensor ?? 1) * (parallelism.Pipeline ?? 1);
            if (spec.Placement.Scope == PlacementScope.SingleGpu && gpus > 1)
                context.AddFailure("engine.parallelism", $"{gpus} GPUs contradict placement.scope SingleGpu; remove one of them");
            if (spec.Placement.Scope == PlacementScope.MultiNode && parallelism is { Tensor: 1, Pipeline: 1 })
                context.AddFailure("engine.parallelism", "one GPU contradicts placement.scope MultiNode; remove one of them");
            if (gpus > 4096)
                context.AddFailure("engine.parallelism", $"{gpus} GPUs in one group are beyond 4096; lower tensor or pipeline");
        });
    }
}
