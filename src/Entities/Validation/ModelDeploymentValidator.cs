using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>
/// What the schema and its CEL rules cannot say about a ModelDeployment. The controller, the webhook and <c>plan</c> share it;
/// it expects an object that the schema has accepted.
/// </summary>
public sealed class ModelDeploymentValidator : AbstractValidator<ModelDeployment>
{
    private static readonly ModelDeploymentValidator Instance = new();

    /// <summary>Creates the validator; it holds no state.</summary>
    public ModelDeploymentValidator()
    {
        RuleFor(deployment => deployment.Spec).NotNull().DependentRules(() =>
        {
            RuleFor(deployment => deployment.Spec.Model).SetValidator(new ModelSourceValidator());
            RuleFor(deployment => deployment.Spec.Engine).SetValidator(new EngineValidator());
            RuleFor(deployment => deployment.Spec.Placement).SetValidator(new PlacementValidator());
            RuleFor(deployment => deployment.Spec.Network).SetValidator(new NetworkValidator());
            RuleFor(deployment => deployment.Spec.Cache).SetValidator(new CacheValidator());
            RuleFor(deployment => deployment.Spec.Access).SetValidator(new AccessValidator());
            RuleFor(deployment => deployment.Spec.UpdateStrategy).SetValidator(new UpdateStrategyValidator());
            RuleFor(deployment => deployment.Spec.PodTemplate!).SetValidator(new PodTemplateValidator()).When(deployment => deployment.Spec.PodTemplate is not null);
            RuleFor(deployment => deployment.Spec).SetValidator(new ParallelismValidator());
        });
    }

    /// <summary>The problems of <paramref name="deployment"/>, in the order of its fields; empty when it is fine.</summary>
    public static IReadOnlyList<FieldProblem> Check(ModelDeployment deployment) =>
        [.. Instance.Validate(deployment).Errors.Select(failure => new FieldProblem(FieldPath.Of(failure.PropertyName), failure.ErrorMessage))];
}
