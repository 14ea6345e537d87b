using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Validation;

/// <summary>The rules for <c>metadata</c> that hold for every kind.</summary>
internal static partial class MetadataRules
{
    private const string LabelValueComplaint =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string QualifiedNameComplaint =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const int AnnotationBytes = 256 * 1024;

    public static void ValidateNew(ApiResource resource, JsonObject metadata, List<FieldProblem> problems)
    {
        var name = metadata["name"].AsText();
        if (string.IsNullOrEmpty(name))
            problems.Add(FieldProblem.Required("metadata.name", "name or generateName is required"));
        else
            resource.Rules.Name.Check(name, "metadata.name", problems);
        Validate(metadata, problems);
    }

    public static void ValidateUpdate(JsonObject metadata, JsonObject old, List<FieldProblem> problems)
    {
        if (old["deletionTimestamp"] is not null)
        {
            var before = Texts(old["finalizers"]).ToHashSet(StringComparer.Ordinal);
            var added = Texts(metadata["finalizers"]).Where(item => !before.Contains(item)).ToList();
            if (added.Count > 0)
            {
                var list = string.Join(", ", added.Select(item => $"\"{item}\""));
                problems.Add(FieldProblem.Forbidden(
                    "metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"));
            }
        }

        Validate(metadata, problems);
    }

    private static void Validate(JsonObject metadata, List<FieldProblem> problems)
    {
        if (metadata["labels"] is JsonObject labels)
        {
            foreach (var (key, value) in labels)
            {
                CheckQualifiedName(key, "metadata.labels", problems);
                var text = value.AsText() ?? "";
                if (text.Length > 63)
                    problems.Add(FieldProblem.Invalid("metadata.labels", $"\"{text}\"", "must be no more than 63 bytes"));
                if (!LabelValue().IsMatch(text))
                    problems.Add(FieldProblem.Invalid("metadata.labels", $"\"{text}\"", LabelValueComplaint));
            }
        }

        if (metadata["annotations"] is JsonObject annotations)
        {
            var size = 0;
            foreach (var (key, value) in annotations)
            {
                CheckQualifiedName(key.ToLowerInvariant(), "metadata.annotations", problems);
                size += key.Length + (value.AsText()?.Length ?? 0);
            }

            if (size > AnnotationBytes)
                problems.Add(new FieldProblem("metadata.annotations", "FieldValueTooLong", $"Too long: may not be more than {AnnotationBytes} bytes"));
        }

        foreach (var finalizer in Texts(metadata["finalizers"]))
        {
            CheckQualifiedName(finalizer, "metadata.finalizers", problems);
            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                problems.Add(FieldProblem.Invalid(
                    "metadata.finalizers", $"\"{finalizer}\"", "name is neither a standard finalizer name nor is it fully qualified"));
            }
        }

        CheckOwners(metadata["ownerReferences"] as JsonArray, problems);
    }

    private static void CheckOwners(JsonArray? owners, List<FieldProblem> problems)
    {
        if (owners is null)
            return;
        for (var i = 0; i < owners.Count; i++)
        {
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (owners[i]?[field].AsText() is not { Length: > 0 })
                    problems.Add(FieldProblem.Invalid($"metadata.ownerReferences[{i}].{field}", "\"\"", $"{field} must not be empty"));
            }
        }

        if (owners.Count(owner => owner?["controller"].AsBool() == true) > 1)
        {
            problems.Add(FieldProblem.Invalid(
                "metadata.ownerReferences", owners.ToJsonString(), "Only one reference can have Controller set to true"));
        }
    }

    private static void CheckQualifiedName(string name, string field, List<FieldProblem> problems)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            foreach (var complaint in NameRule.Subdomain.Complaints(name[..slash]))
                problems.Add(FieldProblem.Invalid(field, $"\"{name}\"", $"prefix part {complaint}"));
        }

        var part = name[(slash + 1)..];
        if (part.Length > 63)
            problems.Add(FieldProblem.Invalid(field, $"\"{name}\"", "name part must be no more than 63 bytes"));
        if (!QualifiedName().IsMatch(part))
            problems.Add(FieldProblem.Invalid(field, $"\"{name}\"", QualifiedNameComplaint));
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list is JsonArray array ? array.Select(item => item.AsText() ?? "") : [];

    [GeneratedRegex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LabelValue();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex QualifiedName();
}
