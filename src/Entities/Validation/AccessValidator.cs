using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.access</c>.</summary>
internal sealed class AccessValidator : AbstractValidator<AccessSpec>
{
    public AccessValidator()
    {
        RuleFor(access => access).Custom((access, context) => SharedRules.CheckAnnotations(context, "service.annotations", access.Service.Annotations));
    }
}
