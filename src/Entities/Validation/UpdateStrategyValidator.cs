using System.Globalization;
using FluentValidation;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.updateStrategy</c>.</summary>
internal sealed class UpdateStrategyValidator : AbstractValidator<UpdateStrategySpec>
{
    public UpdateStrategyValidator()
    {
        RuleFor(strategy => strategy).Custom((strategy, context) =>
        {
            CheckPercentage(context, "maxUnavailable", strategy.MaxUnavailable);
            CheckPercentage(context, "maxSurge", strategy.MaxSurge);
            if (IsZero(strategy.MaxUnavailable) && IsZero(strategy.MaxSurge))
                context.AddFailure("maxUnavailable", "with maxUnavailable and maxSurge both 0 no group could ever be updated; raise one of them");
        });
    }

    private static void CheckPercentage(ValidationContext<UpdateStrategySpec> context, string field, IntOrString value)
    {
        if (value.Text is { } text && text.EndsWith('%') && Number(text[..^1]) is > 100)
            context.AddFailure(field, $"{text} is more than all groups; give at most 100%");
    }

    private static bool IsZero(IntOrString value) => value.Number == 0 || (value.Text is { } text && Number(text.TrimEnd('%')) == 0);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
