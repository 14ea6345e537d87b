using GpuStack.Entities.Conditions;

namespace GpuStack.Operator.Status;

/// <summary>The cluster refuses to create something that a group needs; it is tried again, by us or by the StatefulSet controller.</summary>
/// <param name="Reason">A reason of the conditions Scheduled and Ready.</param>
/// <param name="Message">The server's own words.</param>
internal sealed record CreationRefusal(string Reason, string Message)
{
    private const int LongestMessage = 1000;

    /// <summary>Whether a quota of the namespace speaks.</summary>
    public static bool IsOfQuota(string message) =>
        message.Contains("exceeded quota: ", StringComparison.Ordinal) || message.Contains("failed quota: ", StringComparison.Ordinal);

    /// <summary>What the StatefulSet controller says of a pod that it cannot create.</summary>
    public static CreationRefusal OfPod(string message) => new(IsOfQuota(message) ? ConditionReasons.QuotaExceeded : ConditionReasons.PodsRefused, Cut(message));

    /// <summary>What the API server says of a child that we cannot create; null where no quota speaks.</summary>
    public static CreationRefusal? OfChild(string message) => IsOfQuota(message) ? new(ConditionReasons.QuotaExceeded, Cut(message)) : null;

    private static string Cut(string message) => message.Length <= LongestMessage ? message : $"{message[..(LongestMessage - 1)]}…";
}
