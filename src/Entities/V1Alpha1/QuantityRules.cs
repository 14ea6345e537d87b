namespace GpuStack.Entities.V1Alpha1;

/// <summary>CEL rules shared by quantities, and their messages.</summary>
internal static class QuantityRules
{
    public const string Positive = "type(self) == int ? self > 0 : quantity(self).isGreaterThan(quantity('0'))";

    public const string PositiveMessage = "must be a quantity above 0, such as 24Gi";

    public const string NotNegative = "type(self) == int ? self >= 0 : !quantity(self).isLessThan(quantity('0'))";

    public const string NotNegativeMessage = "must be a quantity of at least 0, such as 1Gi";
}
