using System.Reflection;
using System.Reflection.Emit;

namespace Collector.Tests.Support;

/// <summary>
/// The types that each type of an assembly mentions: as base, interface, attribute, field, parameter or result, and
/// inside method bodies. A relative name or an inferred type hides from a reader of source lines, but not from here.
/// </summary>
internal static class AssemblyReferences
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<short, OpCode> _opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    /// <summary>Pairs of a type that somebody wrote and a type that it mentions, within the assembly and beyond it.</summary>
    public static IEnumerable<(Type From, Type To)> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        from mentioned in Mentioned(type).Distinct().SelectMany(Parts).Distinct()
        select (Outermost(type), Outermost(mentioned));

    private static IEnumerable<Type> Mentioned(Type type)
    {
        var members = type.GetMembers(Declared);
        return
        [
            .. type.BaseType is { } based ? new[] { based } : [],
            .. type.GetInterfaces(),
            .. members.OfType<FieldInfo>().Select(static field => field.FieldType),
            .. members.OfType<MethodBase>().SelectMany(static method => Signature(method)),
            .. members.OfType<MethodBase>().SelectMany(Body),
        ];
    }

    private static IEnumerable<Type> Signature(MethodBase method) =>
        method.GetParameters().Select(static parameter => parameter.ParameterType)
            .Concat(method is MethodInfo { ReturnType: var result } ? [result] : []);

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } il)
        {
            yield break;
        }

        foreach (var local in body.LocalVariables)
        {
            yield return local.LocalType;
        }

        foreach (var token in Tokens(il))
        {
            foreach (var type in Resolve(method, token))
            {
                yield return type;
            }
        }
    }

    private static IEnumerable<int> Tokens(byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var value = il[at] == 0xFE ? unchecked((short)(0xFE00 | il[at + 1])) : il[at];
            var code = _opCodes[value];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(il, at);
            }

            at += OperandSize(code, il, at);
        }
    }

    private static int OperandSize(OpCode code, byte[] il, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
        _ => 4,
    };

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, typeArguments, methodArguments) switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodBase called => [
                .. called.DeclaringType is { } owner ? new[] { owner } : [], .. Signature(called),
                .. called.IsGenericMethod ? called.GetGenericArguments() : []],
            _ => [],
        };
    }

    // A list of rows mentions the row as well as the list.
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericParameter ? []
            : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
            : [type];
    }

    // Lambdas, iterators and async methods are nested types that the compiler made.
    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
