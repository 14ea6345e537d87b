using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.model</c>.</summary>
internal sealed class ModelSourceValidator : AbstractValidator<ModelSourceSpec>
{
    public ModelSourceValidator()
    {
        RuleFor(model => model).Custom((model, context) =>
        {
            if (model.Url is { } url) SharedRules.CheckUrl(context, "url.url", url.Url);
            for (var i = 0; i < (model.Mirrors?.Count ?? 0); i++) SharedRules.CheckUrl(context, $"mirrors[{i}]", model.Mirrors![i]);
            CheckPath(context, "huggingFace.file", model.HuggingFace?.File);
            CheckPath(context, "huggingFace.revision", model.HuggingFace?.Revision);
            CheckPath(context, "modelScope.file", model.ModelScope?.File);
            CheckPath(context, "modelScope.revision", model.ModelScope?.Revision);
            if (model.Mirrors is { Count: > 0 } && model.HuggingFace is null && model.ModelScope is null)
                context.AddFailure("mirrors", "mirrors are endpoints of Hugging Face or ModelScope; remove them for other sources");
            if (model.SecretRef is not null && (model.PersistentVolumeClaim is not null || model.Image is not null))
                context.AddFailure("secretRef", "claims and images need no access token; remove it (registry credentials belong in podTemplate.imagePullSecrets)");
            if (model.Profile is { } profile) CheckProfile(context, profile);
        });
    }

    private static void CheckPath(ValidationContext<ModelSourceSpec> context, string field, string? path)
    {
        if (path is not null && path.Split('/').Any(part => part is "" or "." or ".."))
            context.AddFailure(field, $"'{path}' has an empty, '.' or '..' part; write the path as the repository shows it");
    }

    private static void CheckProfile(ValidationContext<ModelSourceSpec> context, ModelProfileSpec profile)
    {
        if (profile is { Experts: { } experts, ExpertsPerToken: { } used } && used > experts)
            context.AddFailure("profile.expertsPerToken", $"{used} of {experts} experts cannot be used for one token; lower it");
        if (profile is { AttentionHeads: { } heads, KeyValueHeads: { } keyValueHeads } && heads % keyValueHeads != 0)
            context.AddFailure("profile.keyValueHeads", $"{keyValueHeads} does not divide the {heads} attention heads; correct one of them");
    }
}
