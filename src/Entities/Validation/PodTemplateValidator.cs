using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.podTemplate</c>.</summary>
internal sealed class PodTemplateValidator : AbstractValidator<PodTemplateSpec>
{
    public PodTemplateValidator()
    {
        RuleFor(template => template).Custom((template, context) =>
        {
            SharedRules.CheckLabels(context, "labels", template.Labels);
            SharedRules.CheckAnnotations(context, "annotations", template.Annotations);
            if (template.SecurityContext is { RunAsNonRoot: true, RunAsUser: 0 })
                context.AddFailure("securityContext.runAsUser", "user 0 contradicts runAsNonRoot; give another user, or remove runAsNonRoot");
            if (template.SecurityContext?.SeccompProfile is { Type: "Localhost", LocalhostProfile: null or "" })
                context.AddFailure("securityContext.seccompProfile.localhostProfile", "is required for the type Localhost; give the profile's path");
            if (template.SecurityContext?.SeccompProfile is { Type: not "Localhost", LocalhostProfile: not null })
                context.AddFailure("securityContext.seccompProfile.localhostProfile", "belongs to the type Localhost; remove it");
        });
    }
}
